import {execFileSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import type {ExecutionContext} from 'ava';
import type {Evidence} from '../../src/domain/evidence.ts';
import {buildCase, judge} from '../../src/domain/judge.ts';
import type {Verdict} from '../../src/domain/verdict.ts';
import {settingsFor, startAgent, type Wishes} from '../agent/agent.ts';
import {
  buildPrograms,
  type makePod,
  startTarget,
  startWorkload,
  type TestTarget,
  type Workload,
  waitUntil,
} from '../agent/cgroups.ts';
import {noteState, type OwnDoing} from '../agent/unharmed.ts';

export {isAbout} from '../helpers/about.ts';

export const MIB = 1024 * 1024;
const ROOT = path.resolve(import.meta.dirname, '../..');
const PROGRAM = path.join(ROOT, 'build/trap/trap');
/** What test/agent/cgroups.ts waits for. */
const READY = 'say=ready to be probed';

/** Builds what the traps run, once. */
export const buildTraps = (): void => {
  buildPrograms();
  execFileSync('make', ['--silent', 'trap'], {cwd: ROOT});
};

/** What a probe said, and what it rests on. */
export type Found = Verdict & {evidence: Evidence};

/** Small steps with pauses: there is time to do something in the middle of the squeeze. */
const SLOW = {stepSizeBytes: 8 * MIB, stepIntervalMilliseconds: 200};

export type Trap = {
  wishes?: Wishes;
  /** Done once the squeeze has begun, which then goes slowly. */
  during?: (target: TestTarget) => Promise<void> | void;
  ownDoing?: OwnDoing;
};

/** A target that does what `words` say (README.md), in a pod of its own. Words after `wait` are for later: `goOn`. */
export const startTrap = (
  t: ExecutionContext,
  words: string[],
  podLimitBytes?: number,
): Promise<TestTarget> => startTarget(t, withReady(words), podLimitBytes, PROGRAM);

/** The same in a pod that is there already. */
export const startTrapIn = async (
  t: ExecutionContext,
  cgroups: Cgroups,
  words: string[],
): Promise<TestTarget> => ({
  ...cgroups,
  ...(await startInto(t, cgroups.container, words)),
});

type Cgroups = ReturnType<typeof makePod>;

/** One more cgroup below another: a second container of a pod, or one inside a container. */
export const makeBelow = (parent: string, name: string): string => {
  const directory = path.join(parent, name);
  mkdirSync(directory);
  return directory;
};

/** One more process that does what `words` say. */
export const startInto = async (
  t: ExecutionContext,
  container: string,
  words: string[],
): Promise<Workload> => {
  const workload = await startWorkload(container, withReady(words), PROGRAM);
  t.teardown(workload.kill);
  return workload;
};

const withReady = (words: string[]): string[] => {
  const at = words.findIndex(word => word === 'wait' || word.startsWith('churn='));
  return at < 0 ? [...words, READY] : [...words.slice(0, at), READY, ...words.slice(at)];
};

/** Lets a target go on behind its `wait`, until it says that it is `done`. */
export const letGoOn = async ({pid, printed}: Workload, word = 'done'): Promise<void> => {
  process.kill(pid, 'SIGUSR2');
  await waitUntil(`the target to say ${word}`, () => printed().includes(word), 10_000);
};

/** Probes a target, and checks that it lives, with its limits as they were, and that nobody was killed. */
export const probe = async (
  t: ExecutionContext,
  target: TestTarget,
  {wishes = {}, during, ownDoing}: Trap = {},
): Promise<Found> => {
  const checkUnharmed = noteState(t, target, ownDoing);
  const slow = during ? {...wishes, pressure: {...SLOW, ...wishes.pressure}} : wishes;
  const agent = startAgent(t, target, slow);
  if (during) {
    await agent.nextLine(line => line.type === 'step');
    // The agent stands still meanwhile, so that it is the middle however busy the machine is; its guardian does not.
    agent.child.kill('SIGSTOP');
    try {
      await during(target);
    } finally {
      agent.child.kill('SIGCONT');
    }
  }
  const {report, exitCode, stderr} = await agent.end();
  if (report === undefined) throw new Error(`there is no report: ${stderr}`);
  const verdict = judge(buildCase(settingsFor(slow), report));
  t.log(`${verdict.outcome} ${verdict.reason}: ${verdict.message}`);
  t.log(JSON.stringify(report.failure ?? report.evidence));
  t.is(stderr, '');
  t.is(exitCode, 0);
  t.true(report.restored);
  checkUnharmed();
  t.notThrows(() => process.kill(target.pid, 0), 'the target lives');
  return {...verdict, evidence: report.evidence};
};

/** A folder on a disk: on a tmpfs a file's pages would be shared memory. */
export const makeFolder = (t: ExecutionContext): string => {
  const folder = mkdtempSync(path.join(ROOT, 'build', 'trap-'));
  t.teardown(() => rmSync(folder, {recursive: true}));
  return folder;
};

/** Resident bytes as `ps` and everybody's dashboard show them: page cache and shared memory included. */
export const readResidentBytes = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;

/** Sets a switch of the kernel for one test. */
export const setSwitch = (t: ExecutionContext, file: string, value: string): void => {
  // `always [madvise] never` names what is set in brackets.
  const text = readFileSync(file, 'utf8').trim();
  const before = /\[(\w+)\]/.exec(text)?.[1] ?? text;
  writeFileSync(file, value);
  t.teardown(() => writeFileSync(file, before));
};
