import {existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import * as yaml from 'js-yaml';
import {judgeText} from '../../../scripts/record/corpus.ts';
import {isGone} from '../../../src/agent/failure.ts';
import {parseParentPid} from '../../../src/domain/proc-stat.ts';
import {buildPrograms, startTarget, startWorkload, type TestTarget, waitUntil} from '../../agent/cgroups.ts';
import {noteState} from '../../agent/unharmed.ts';
import {buildClient, type Call, type Ended, start} from './client.ts';

const MIB = 1024 * 1024;
const RECLAIMABLE = ['lazily-freed', '--freed=60Mi', '--held=30Mi'];
const QUICK = ['--idle-seconds', '0', '--hold-seconds', '1'];

test.before(() => {
  buildPrograms();
  buildClient();
});

/** A target with a neighbour, so that pressure on its parent would be felt by somebody else. */
const startBesideNeighbour = async (t: ExecutionContext, workload: string[]): Promise<TestTarget> => {
  const target = await startTarget(t, workload);
  const neighbour = path.join(target.pod, 'neighbour');
  mkdirSync(neighbour);
  await startWorkload(neighbour, ['held-idle', '--held=4Mi']);
  return target;
};

const makeFolder = (t: ExecutionContext): string => {
  const folder = mkdtempSync(path.join(tmpdir(), 'run-'));
  t.teardown(() => rmSync(folder, {recursive: true}));
  return folder;
};

/** However late a busy machine looks, the squeeze is not over: 15 steps at least, a second apart. */
const SLOW = ['--step-size', '4Mi', '--step-interval-milliseconds', '1000'];
/** Three programs start one after the other before the first touch, each of which takes seconds on a machine with no time. */
const START_MILLISECONDS = 90_000;

/** Waits for a balloon's cgroup. Throws what the run said where that ended without one. */
const waitForSqueeze = async (target: TestTarget, {end}: Call): Promise<void> => {
  let ended: Ended | undefined;
  void end.then(result => {
    ended = result;
  });
  await waitUntil('the squeeze', () => leftIn(target).length > 0 || ended !== undefined, START_MILLISECONDS);
  if (ended) throw new Error(`the run ended before its squeeze: ${JSON.stringify(ended)}`);
};

const leftIn = ({container, pod}: TestTarget): string[] =>
  [container, pod].map(directory => path.join(directory, 'memoryprobe')).filter(existsSync);

test.serial(
  'a cgroup that freed lazily is reclaimable: its status as JSON is what judge says of its record',
  async t => {
    const target = await startBesideNeighbour(t, RECLAIMABLE);
    const checkUnharmed = noteState(t, target);
    const record = path.join(makeFolder(t), 'record.jsonl');
    const {code, stdout, stderr} = await start([
      ...['run', '--cgroup', target.container, '--record', record, '-o', 'json'],
      ...QUICK,
    ]).end;
    t.log(stderr);
    t.is(code, 0);
    const status = JSON.parse(stdout);
    t.like(status, {phase: 'Complete', verdict: 'Reclaimable', reason: 'ReclaimedUnderPressure'});
    t.true(Math.abs(status.evidence.reclaimedBytes - 60 * MIB) <= MIB);
    const {verdict, case: found} = judgeText(readFileSync(record, 'utf8'));
    t.like(status, {verdict: verdict.outcome, reason: verdict.reason, message: verdict.message});
    t.deepEqual(status.evidence, found.evidence);
    checkUnharmed();
    t.deepEqual(leftIn(target), []);
  },
);

test.serial(
  'held memory above the expected size is a leak, with its picture of numbers, and code 1',
  async t => {
    const target = await startBesideNeighbour(t, ['held-idle', '--held=40Mi']);
    const {code, stdout, stderr} = await start([
      ...['run', '--pid', String(target.pid), '--expected-size', '20Mi'],
      ...QUICK,
    ]).end;
    t.log(stderr);
    t.is(code, 1);
    t.regex(stdout, /verdict {2}Leak \(AboveExpected\), Passed=False/);
    t.true(stdout.includes(`cgroup ${target.container}, node`), stdout);
    t.regex(stdout, /baseline +40\.\d MiB/);
    t.notRegex(stdout, /kubectl|spec\./);
    t.deepEqual(leftIn(target), []);
  },
);

test.serial('held memory alone proves nothing: code 2, as YAML', async t => {
  const target = await startBesideNeighbour(t, ['held-idle', '--held=40Mi']);
  const {code, stdout} = await start(['run', '--cgroup', target.container, '-o', 'yaml', ...QUICK]).end;
  t.is(code, 2);
  t.like(yaml.load(stdout), {verdict: 'Held', reason: 'NotExamined'});
});

test.serial('a process that shares its cgroup is only looked at, and its own numbers are told', async t => {
  const target = await startBesideNeighbour(t, RECLAIMABLE);
  await startWorkload(target.container, ['held-idle', '--held=20Mi']);
  const {code, stdout, stderr} = await start(['run', '--pid', String(target.pid), '-o', 'json']).end;
  t.is(code, 2);
  t.regex(stderr, /shares .* with 1 other process.* workload\): nothing is pressed/);
  const {reason, evidence} = JSON.parse(stdout);
  t.is(reason, 'ObservedOnly');
  t.true(Math.abs(evidence.lazyFreeBytes.min - 60 * MIB) <= MIB);
  t.true(Math.abs(evidence.baselineBytes - 90 * MIB) <= MIB);
  const pressed = await start(['run', '--pid', String(target.pid), '--method', 'Reclaim']).end;
  t.is(pressed.code, 64);
  t.regex(pressed.stderr, /pressure would be felt by all of them/);
});

test.serial('a balloon that would press a neighbour is refused', async t => {
  const target = await startBesideNeighbour(t, ['held-idle', '--held=4Mi']);
  const {code, stderr} = await start(['run', '--cgroup', target.container, '--method', 'Balloon']).end;
  t.is(code, 64);
  t.regex(stderr, /a balloon would press all of .* which is not the target's alone/);
});

test.serial('Ctrl-C lets go at once, says so and ends with 3', async t => {
  const target = await startBesideNeighbour(t, RECLAIMABLE);
  const checkUnharmed = noteState(t, target);
  const call = start(['run', '--cgroup', target.container, ...SLOW]);
  await waitForSqueeze(target, call);
  call.child.kill('SIGINT');
  const {code, stdout, stderr} = await call.end;
  t.is(code, 3);
  t.regex(stderr, /stopping: everything is let go of/);
  t.regex(stdout, /Inconclusive \(BalloonFailed\)/);
  checkUnharmed();
  t.deepEqual(leftIn(target), []);
});

for (const healer of ['repair', 'run'] as const)
  test.serial(`what is left when everything is killed at once is put back by the next ${healer}`, async t => {
    const target = await startBesideNeighbour(t, RECLAIMABLE);
    const checkUnharmed = noteState(t, target);
    const call = start(['run', '--cgroup', target.container, ...SLOW]);
    await waitForSqueeze(target, call);
    await killTree(call.child.pid ?? 0);
    await call.end;
    t.is(leftIn(target).length, 1);
    const args = ['--cgroup', target.container, ...(healer === 'run' ? QUICK : [])];
    const {code, stdout, stderr} = await start([healer, ...args]).end;
    t.log(stdout, stderr);
    t.is(code, 0);
    t.regex(stdout + stderr, /repaired boundary=/);
    checkUnharmed();
    t.deepEqual(leftIn(target), []);
  });

/** Kills a process and all that came from it at one moment: none of them sees another die. */
const killTree = async (root: number): Promise<void> => {
  const stopped = new Set<number>();
  for (let fresh = [root]; fresh.length > 0; fresh = listTree(root).filter(pid => !stopped.has(pid))) {
    for (const pid of fresh) {
      signal(pid, 'SIGSTOP');
      stopped.add(pid);
    }
    // A guardian in the middle of a fork finishes that first: its child would live on, and put everything right.
    for (const pid of fresh) await waitUntil(`${pid} to stop`, () => isStopped(pid), 20_000);
  }
  // Children first: the end of a parent makes the kernel continue whom it leaves behind stopped.
  for (const pid of [...stopped].reverse()) signal(pid, 'SIGKILL');
};

/** Stopped, a zombie, or gone. */
const isStopped = (pid: number): boolean => {
  const stat = readStat(String(pid));
  return stat === undefined || /\) [TZX] /.test(stat);
};

const signal = (pid: number, name: 'SIGSTOP' | 'SIGKILL'): void => {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!isGone(error)) throw error; // it ended since it was listed
  }
};

/** A process and all that came from it. */
const listTree = (root: number): number[] => {
  const parents = readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(name => [Number(name), readParent(name)] as const);
  const below = (pid: number): number[] => [
    pid,
    ...parents.flatMap(([child, parent]) => (parent === pid ? below(child) : [])),
  ];
  return below(root);
};

const readParent = (pid: string): number | undefined => parseParentPid(readStat(pid) ?? '');

/** Undefined where it has ended. */
const readStat = (pid: string): string | undefined => {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
};

const BAD_INPUT: readonly [string[], RegExp][] = [
  [[], /give exactly one of --pid and --cgroup/],
  [['--pid', '1', '--cgroup', '/sys'], /give exactly one of --pid and --cgroup/],
  [['--pid', 'nginx'], /--pid is "nginx": give the number of a process/],
  [['--pid', '4194305'], /--pid is 4194305: there is no such process/],
  [['--pid', '2'], /--pid is 2: that is a thread of the kernel/],
  [['--cgroup', '/tmp'], /--cgroup is \/tmp: give a directory below \/sys\/fs\/cgroup/],
  [['--pid', '1', '--step-size', 'much'], /--step-size must be a quantity .* not "much"/],
  [['--pid', '1', '--rounds', '33'], /--rounds must be a whole number from 1 to 32, not 33/],
  [['--pid', '1', '--method', 'Squash'], /--method must be one of .* not "Squash"/],
  [['--pid', '1', '--min-node-available', '120%'], /--min-node-available must be .* not "120%"/],
  [
    ['--pid', String(process.pid), '--record', '/nowhere/file'],
    /--record is \/nowhere\/file, which cannot be written/,
  ],
  [['--pid', '1', '--colour', 'red'], /unknown option '--colour'/],
];

test('bad input gets one sentence and code 64', async t => {
  for (const [args, sentence] of BAD_INPUT) {
    const {code, stdout, stderr} = await start(['run', ...args]).end;
    t.is(code, 64, `${args.join(' ')}: ${stderr}`);
    t.regex(stderr, sentence);
    t.is(stdout, '');
  }
});
