import {readdirSync, readFileSync, statSync} from 'node:fs';
import path from 'node:path';
import {listTree} from '../../../src/agent/cgroup-tree.ts';
import {isGone} from '../../../src/agent/failure.ts';
import {readUsage, type TestTarget} from '../cgroups.ts';
import {type BalloonProcess, listBalloon} from './balloon-processes.ts';

const MIB = 1024 * 1024;
/** What a pod's cgroup itself may hold that is not the target's: kernel memory of whoever passed through. */
const OWN_BYTES = 4 * MIB;

/** Settings by the file that holds them: of the target's cgroups and their parent, of its processes, of the machine. */
export type World = Map<string, string>;

/** Counters, members and commands that are writable too: they change, or cannot be read, whatever a probe does. */
const NO_SETTING =
  /^(?:tasks|cgroup\.(?:procs|threads|event_control|kill)|.*\.(?:pressure|peak|reclaim|failcnt|force_empty|max_usage_in_bytes)|drop_caches|compact_memory|stat_refresh)$/;
/** Not KSM: other tests, which may run beside this one, switch it on and off. */
const MACHINE = [
  '/proc/sys/vm',
  '/sys/kernel/mm/transparent_hugepage',
  '/sys/kernel/mm/lru_gen',
  '/sys/kernel/mm/swap',
  '/sys/module/zswap/parameters',
];

export const readWorld = (target: TestTarget): World =>
  new Map(
    [
      ...[path.dirname(target.pod), target.pod, target.container].flatMap(listSettings),
      ...MACHINE.flatMap(listSettings),
      `/proc/${target.pid}/oom_score_adj`,
    ]
      .map(file => [file, readSetting(file)] as const)
      .concat([
        ['swap', readSwaps()],
        ['nice', readNice(target.pid)],
      ]),
  );

/** What a probe left behind, one short sentence for each thing; none where the world is as it was. */
export const findLeftovers = (target: TestTarget, before: World): string[] => [
  ...findHarm(target, before),
  ...listTree(target.pod)
    .filter(cgroup => cgroup !== target.pod && cgroup !== target.container)
    .map(cgroup => `cgroup ${cgroup}`),
  ...listBalloon(target.pod).map(toSentence),
];

/** Those leftovers that hurt while they last: settings, the target, and memory. */
export const findHarm = (target: TestTarget, before: World): string[] => [
  ...findChanges(before, readWorld(target)),
  ...findMemory(target),
];

const toSentence = ({role, pid}: BalloonProcess): string => `process ${role} ${pid}`;

const findChanges = (before: World, now: World): string[] =>
  [...before.keys()]
    .filter(file => before.get(file) !== now.get(file))
    .map(file => `${file} was ${before.get(file)}, is ${now.get(file)}`);

const findMemory = (target: TestTarget): string[] => {
  const bytes = readUsage(target) - readUsage(target, 'container');
  return bytes < OWN_BYTES ? [] : [`${(bytes / MIB).toFixed(0)} MiB beside the target`];
};

/** None where this kernel has no such thing. */
const listSettings = (file: string): string[] => {
  const found = statSync(file, {throwIfNoEntry: false});
  if (found?.isDirectory() !== true) return ((found?.mode ?? 0) & 0o200) === 0 ? [] : [file];
  return readdirSync(file, {withFileTypes: true})
    .filter(entry => entry.isFile() && !NO_SETTING.test(entry.name))
    .flatMap(entry => listSettings(path.join(file, entry.name)));
};

const readSetting = (file: string): string => {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if (isGone(error)) return 'gone';
    return `unreadable (${(error as NodeJS.ErrnoException).code})`;
  }
};

// /dev/zram0  partition  262140  used  100
const readSwaps = (): string =>
  readSetting('/proc/swaps').replaceAll(
    /^((?:\S+\s+){3})\S+(.*)$/gm,
    (_, place, priority) => place + priority,
  );

// 26 (workload) S 1 26 26 0 -1 4194304 minflt cminflt majflt cmajflt utime stime cutime cstime priority nice
const readNice = (pid: number): string =>
  readSetting(`/proc/${pid}/stat`)
    .replace(/^.*\) /, '')
    .split(' ')
    .slice(15, 17)
    .join(' ');
