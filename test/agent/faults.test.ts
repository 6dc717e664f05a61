import {existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import test, {type ExecutionContext} from 'ava';
import fc from 'fast-check';
import type {Report} from '../../src/domain/report.ts';
import {startAgent, type Wishes} from './agent.ts';
import {
  BALLOON,
  buildPrograms,
  hasBalloonCgroup,
  LIMIT_FILES,
  makePod,
  readLimits,
  readUsage,
  startTarget,
  startWorkload,
  type TestTarget,
  waitUntil,
} from './cgroups.ts';
import {writeProgram} from './program.ts';
import {noteState} from './unharmed.ts';

const MIB = 1024 * 1024;
const LAZY = ['lazily-freed', '--freed=64Mi', '--held=8Mi'];
/** Small steps with pauses: there is time to do something in the middle of the squeeze. */
const SLOW: Wishes = {pressure: {stepSizeBytes: 4 * MIB, stepIntervalMilliseconds: 300}};

test.before(buildPrograms);

const startSlow = async (t: ExecutionContext, wishes: Wishes = SLOW, env: object = {}) => {
  const target = await startTarget(t, LAZY);
  const checkUnharmed = noteState(t, target);
  const agent = startAgent(t, target, wishes, env);
  const untilSqueezed = () => agent.nextLine(line => line.type === 'step' && line.step >= 2);
  const end = async (): Promise<Report> => {
    const {report, exitCode, stderr} = await agent.end();
    t.is(exitCode, 0, stderr);
    if (report === undefined) throw new Error(`there is no report: ${stderr}`);
    t.log(JSON.stringify({restored: report.restored, failure: report.failure}));
    return report;
  };
  return {target, agent, checkUnharmed, untilSqueezed, end};
};

const readPids = (cgroup: string): number[] =>
  readFileSync(path.join(cgroup, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
const workerOf = ({pod}: TestTarget): number => readPids(path.join(pod, 'memoryprobe'))[0] ?? 0;
const parentOf = (pid: number): number =>
  Number(/^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);

/** Limits as before, and the balloon's memory gone, within a second. */
const isBackWithinOneSecond = async (
  t: ExecutionContext,
  target: TestTarget,
  limits: string[],
): Promise<void> => {
  const started = performance.now();
  await waitUntil('the limits to be back', () => readLimits(target).join() === limits.join());
  await waitUntil(
    'the memory to be back',
    () => readUsage(target) - readUsage(target, 'container') < 4 * MIB,
  );
  const milliseconds = performance.now() - started;
  t.log(`back after ${Math.round(milliseconds)} ms`);
  t.true(milliseconds < 1000);
};

/** In a cgroup of its own, which is empty once all that it ever started has ended. */
const startInPlace = async (t: ExecutionContext, env: object = {}) => {
  const place = makePod(t).container;
  const scene = await startSlow(t, SLOW, {cgroup: place, ...env});
  /** Only then is there nobody to make the balloon's cgroup yet. */
  const untilOver = () =>
    waitUntil(
      'the processes and the cgroup to go',
      () => readPids(place).length === 0 && !hasBalloonCgroup(scene.target),
    );
  return {...scene, untilOver};
};

test('an agent that is killed at any moment leaves nothing behind', async t => {
  const moments = fc.sample(fc.integer({min: 0, max: 2500}), 4);
  await Promise.all(
    moments.map(async moment => {
      const {target, agent, checkUnharmed, untilOver} = await startInPlace(t);
      const limits = readLimits(target);
      await agent.nextLine(line => line.type === 'start');
      await wait(moment);
      agent.child.kill('SIGKILL');
      await isBackWithinOneSecond(t, target, limits);
      await untilOver();
      checkUnharmed();
    }),
  );
});

test('an agent that is killed while its balloon starts leaves nothing behind', async t => {
  const program = writeProgram(t, `kill -9 $PPID\nexec ${BALLOON} "$@"`);
  const {agent, checkUnharmed, untilOver} = await startInPlace(t, {BALLOON_PATH: program});
  const {report} = await agent.end();
  t.is(report, undefined);
  t.is(agent.child.signalCode, 'SIGKILL');
  await untilOver();
  checkUnharmed();
});

test('a guardian that is killed ends the probe with a report, and the limits are back', async t => {
  const {target, checkUnharmed, untilSqueezed, end} = await startSlow(t);
  const limits = readLimits(target);
  await untilSqueezed();
  process.kill(parentOf(workerOf(target)), 'SIGKILL');
  await isBackWithinOneSecond(t, target, limits);
  const {failure, restored} = await end();
  t.is(failure?.reason, 'BalloonFailed');
  t.regex(failure?.message ?? '', /guardian was killed by SIGKILL/);
  t.true(restored);
  checkUnharmed();
});

test('a worker that is killed ends the probe with a report, and the limits are back', async t => {
  const {target, checkUnharmed, untilSqueezed, end} = await startSlow(t);
  const limits = readLimits(target);
  await untilSqueezed();
  process.kill(workerOf(target), 'SIGKILL');
  await isBackWithinOneSecond(t, target, limits);
  const {failure, restored} = await end();
  t.is(failure?.reason, 'BalloonFailed');
  t.regex(failure?.message ?? '', /worker died/);
  t.true(restored);
  checkUnharmed();
});

test('an agent that is told to stop lets go and still reports', async t => {
  const {agent, checkUnharmed, untilSqueezed, end} = await startSlow(t);
  await untilSqueezed();
  agent.child.kill('SIGTERM');
  const {failure, restored, evidence} = await end();
  t.is(failure?.reason, 'BalloonFailed');
  t.regex(failure?.message ?? '', /told to stop \(SIGTERM\)/);
  t.true(restored);
  t.is(typeof evidence.cgroupVersion, 'number');
  checkUnharmed();
});

test('a deadline ends the squeeze, and everything is put back', async t => {
  const {agent, checkUnharmed, end} = await startSlow(t, {...SLOW, guards: {deadlineSeconds: 2}});
  await agent.nextLine(line => line.type === 'start');
  const started = performance.now();
  const {failure, restored} = await end();
  t.true(performance.now() - started < 3000);
  t.is(failure?.reason, 'DeadlineExceeded');
  t.true(restored);
  checkUnharmed();
});

test('a second probe of the same pod is refused as Busy and does not disturb the first', async t => {
  const {target, untilSqueezed, checkUnharmed, end} = await startSlow(t);
  await untilSqueezed();
  const second = await startAgent(t, target).end();
  t.is(second.report?.failure?.reason, 'Busy');
  const observer = await startAgent(t, target, {pressure: {method: 'Observe'}}).end();
  t.is(observer.report?.failure?.reason, 'Busy');
  const first = await end();
  t.is(first.failure, undefined);
  t.is(first.evidence.stopCause, 'Exhausted');
  checkUnharmed();
});

test('a limit that somebody else sets meanwhile is left as they set it', async t => {
  const {target, untilSqueezed, end} = await startSlow(t);
  const limit = path.join(target.pod, LIMIT_FILES[target.version][0] ?? '');
  await untilSqueezed();
  writeFileSync(limit, String(2048 * MIB));
  const {failure, restored} = await end();
  t.is(failure?.reason, 'BoundaryChanged');
  t.true(restored);
  t.is(readFileSync(limit, 'utf8').trim(), String(2048 * MIB));
  t.false(hasBalloonCgroup(target));
});

test('a target that ends in the middle is gone', async t => {
  const {target, untilSqueezed, end} = await startSlow(t);
  await untilSqueezed();
  target.kill();
  const {failure, restored} = await end();
  t.is(failure?.reason, 'TargetGone');
  t.true(restored);
  t.false(hasBalloonCgroup(target));
});

test('a target whose cgroup is removed in the middle is gone', async t => {
  const {target, untilSqueezed, end} = await startSlow(t);
  await untilSqueezed();
  target.kill();
  await waitUntil('the cgroup to be empty', () => readPids(target.container).length === 0);
  rmdirSync(target.container);
  const {failure, restored} = await end();
  t.is(failure?.reason, 'TargetGone');
  t.true(restored);
  t.false(hasBalloonCgroup(target));
  t.true(existsSync(target.pod));
});

test('a target whose processes are all replaced has changed', async t => {
  const {target, untilSqueezed, end} = await startSlow(t);
  await untilSqueezed();
  const successor = await startWorkload(target.container, ['held-idle', '--held=8Mi']);
  t.teardown(successor.kill);
  target.kill();
  const {failure, restored} = await end();
  t.is(failure?.reason, 'TargetChanged');
  t.regex(failure?.message ?? '', new RegExp(`${target.pid} ended, ${successor.pid} came`));
  t.true(restored);
});

test('a container that is started again in the same pod has changed', async t => {
  const {target, untilSqueezed, end} = await startSlow(t);
  await untilSqueezed();
  target.kill();
  await waitUntil('the cgroup to be empty', () => readPids(target.container).length === 0);
  rmdirSync(target.container);
  mkdirSync(path.join(target.pod, 'successor'));
  const {failure, restored} = await end();
  t.is(failure?.reason, 'TargetChanged');
  t.regex(failure?.message ?? '', /successor is new in its pod/);
  t.true(restored);
});

test('a container that is nowhere is a target that is gone', async t => {
  const target = await startTarget(t, ['held-idle', '--held=8Mi']);
  const {report} = await startAgent(t, target, {}, {TARGET_CGROUP: path.join(target.pod, 'nobody')}).end();
  t.is(report?.failure?.reason, 'TargetGone');
  t.true(report?.restored);
});

test('an agent without settings says what is missing', async t => {
  const target = await startTarget(t, ['held-idle', '--held=8Mi']);
  const {report, stderr, exitCode} = await startAgent(
    t,
    target,
    {},
    {MEMORYPROBE_SETTINGS: '{"version":1}'},
  ).end();
  t.is(report, undefined);
  t.is(exitCode, 64);
  t.is(stderr, 'MEMORYPROBE_SETTINGS: target.podUID is undefined, not a string\n');
});
