import {execFileSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import test, {type ExecutionContext} from 'ava';
import {buildCase, judge} from '../../src/domain/judge.ts';
import type {Report} from '../../src/domain/report.ts';
import {isAbout} from '../helpers/about.ts';
import {type Agent, settingsFor, startAgent, type Wishes} from './agent.ts';
import {
  buildPrograms,
  hasBalloonCgroup,
  readLimits,
  readUsage,
  startTarget,
  type TestTarget,
  waitUntil,
} from './cgroups.ts';
import {noteState} from './unharmed.ts';

const MIB = 1024 * 1024;
const ROOT = path.resolve(import.meta.dirname, '../..');
const HAS_SWAP = !/^SwapTotal: +0 kB$/m.test(readFileSync('/proc/meminfo', 'utf8'));
const RECLAIM = {method: 'Reclaim'} as const;
const LAZY = ['lazily-freed', '--freed=100Mi', '--held=46Mi'];
/** Small requests with pauses: there is time to do something in the middle. */
const SLOW: Wishes = {pressure: {...RECLAIM, stepSizeBytes: 4 * MIB, stepIntervalMilliseconds: 200}};

test.before(buildPrograms);

/** A whole probe of a target, and what holds for every one of them. */
const probe = async (
  t: ExecutionContext,
  target: TestTarget,
  {pressure, ...wishes}: Wishes = {},
): Promise<Report & {reason: string}> => {
  const asked: Wishes = {...wishes, pressure: {...RECLAIM, ...pressure}};
  const checkUnharmed = noteState(t, target);
  const {report, exitCode, stderr} = await startAgent(t, target, asked).end();
  checkUnharmed();
  t.is(stderr, '');
  t.is(exitCode, 0);
  if (report === undefined) throw new Error('there is no report');
  t.log(JSON.stringify(report.failure ?? report.evidence));
  t.true(report.restored);
  t.is(
    report.evidence.inflatedBytes === undefined,
    asked.pressure?.method === 'Reclaim',
    'a balloon or none',
  );
  t.is(report.evidence.swappedBytes ?? 0, 0, 'something was swapped');
  return {...report, reason: judge(buildCase(settingsFor(asked), report)).reason};
};

test.serial('takes back what was lazily freed, as predicted, and nothing else', async t => {
  const target = await startTarget(t, LAZY);
  const {evidence, reason} = await probe(t, target);
  t.is(reason, 'ReclaimedUnderPressure');
  t.is(evidence.stopCause, 'Exhausted');
  isAbout(t, evidence.lazyFreeBytes?.min, 100 * MIB);
  isAbout(t, evidence.lazyFreedBytes, evidence.lazyFreeBytes?.min ?? 0);
  isAbout(t, evidence.takeableBytes, 100 * MIB);
  isAbout(t, evidence.floorBytes, 46 * MIB);
  const asked = evidence.curve?.map(({inflatedBytes}) => inflatedBytes) ?? [];
  t.true(asked.length >= 3);
  t.deepEqual(
    asked,
    [...asked].sort((a, b) => a - b),
    'the picture runs over what was asked for',
  );
  // The lists that the last request goes by are late by a few batches of pages.
  t.true((asked.at(-1) ?? 0) >= 99 * MIB);
});

test.serial('held memory stays, and the proof is that nothing could be taken', async t => {
  const target = await startTarget(t, ['held-idle', '--held=80Mi']);
  const {evidence, reason} = await probe(t, target);
  t.is(reason, 'NotExamined');
  t.is(evidence.stopCause, 'Exhausted');
  isAbout(t, evidence.floorBytes, 80 * MIB);
  isAbout(t, evidence.lazyFreedBytes, 0);
});

test.serial('memory that is written again after it was freed is not taken', async t => {
  const target = await startTarget(t, ['lazily-freed', '--freed=80Mi', '--dirtied=40Mi', '--held=20Mi']);
  const {evidence} = await probe(t, target);
  isAbout(t, evidence.lazyFreeBytes?.max, 80 * MIB);
  isAbout(t, evidence.lazyFreedBytes, 40 * MIB);
  isAbout(t, evidence.floorBytes, 60 * MIB);
});

test.serial('a target under memory.min gives what it freed lazily all the same', async t => {
  const target = await startTarget(t, LAZY);
  // With swap a balloon's steps are led by such a request themselves.
  if (target.version === 2 && !HAS_SWAP) {
    for (const directory of [target.pod, target.container])
      writeFileSync(path.join(directory, 'memory.min'), String(256 * MIB));
    t.is((await probe(t, target, {pressure: {method: 'Balloon'}})).reason, 'Protected');
  }
  const {evidence, reason} = await probe(t, target);
  t.is(reason, 'ReclaimedUnderPressure');
  isAbout(t, evidence.lazyFreedBytes, 100 * MIB);
});

test.serial('a pod at its limit needs no room', async t => {
  const target = await startTarget(t, LAZY, 150 * MIB);
  const {evidence, reason} = await probe(t, target);
  t.is(reason, 'ReclaimedUnderPressure');
  isAbout(t, evidence.lazyFreedBytes, 100 * MIB);
});

test.serial('of page cache no more is taken than was allowed', async t => {
  const directory = mkdtempSync(path.join(ROOT, 'build', 'cache-')); // not a tmpfs: its pages would be shared memory
  t.teardown(() => rmSync(directory, {recursive: true}));
  const target = await startTarget(t, [
    'page-cache',
    '--cache=100Mi',
    '--held=16Mi',
    `--file=${directory}/file`,
  ]);
  const {evidence, reason} = await probe(t, target, {guards: {maxCacheReclaimedBytes: 20 * MIB}});
  if (evidence.shmemBytes === 0) {
    t.is(reason, 'GuardTripped');
    t.is(evidence.stopGuard, 'maxCacheReclaimed');
  }
  t.true((evidence.fileReclaimedBytes ?? Number.NaN) <= 21 * MIB);
});

test.serial('maxSize bounds what is asked for', async t => {
  const target = await startTarget(t, LAZY);
  const {evidence, reason} = await probe(t, target, {
    pressure: {maxSizeBytes: 32 * MIB, stepSizeBytes: 16 * MIB},
    criteria: {minReclaimedPercent: 90},
  });
  t.is(reason, 'CapReached');
  isAbout(t, evidence.lazyFreedBytes, 32 * MIB);
});

test.serial('rounds leave one floor each', async t => {
  const target = await startTarget(t, LAZY);
  const {evidence} = await probe(t, target, {
    rounds: {count: 3, intervalSeconds: 2},
    pressure: {holdSeconds: 0.5},
  });
  t.is(evidence.rounds?.length, 3);
  for (const round of evidence.rounds ?? []) isAbout(t, round.floorBytes, 46 * MIB);
});

const untilAsked = (agent: Agent) => agent.nextLine(line => line.type === 'step' && line.step >= 2);

const listChildren = (pid: number): number[] =>
  execFileSync('pgrep', ['-P', String(pid)], {encoding: 'utf8'})
    .split('\n')
    .filter(Boolean)
    .map(Number);

test.serial('a second probe of the same pod is Busy, whatever its method', async t => {
  const target = await startTarget(t, LAZY);
  const checkUnharmed = noteState(t, target);
  const first = startAgent(t, target, {pressure: {...SLOW.pressure, stepIntervalMilliseconds: 10_000}});
  await first.nextLine(line => line.type === 'step');
  for (const method of ['Balloon', 'Reclaim', 'Observe'] as const) {
    const second = await startAgent(t, target, {pressure: {method}}).end();
    t.is(second.report?.failure?.reason, 'Busy', method);
  }
  first.child.kill('SIGTERM');
  t.regex((await first.end()).report?.failure?.message ?? '', /told to stop \(SIGTERM\)/);
  checkUnharmed();
});

/** Whose death each test is about, found among the agent's descendants: the helper is the guardian's first child. */
const VICTIMS = {
  agent: ({child}: Agent) => child.pid ?? 0,
  guardian: ({child}: Agent) => listChildren(child.pid ?? 0)[0] ?? 0,
  helper: (agent: Agent) => listChildren(VICTIMS.guardian(agent))[0] ?? 0,
};

for (const victim of ['agent', 'guardian', 'helper'] as const)
  test.serial(`kill -9 of the ${victim} in the middle leaves nothing`, async t => {
    for (const moment of [0, 120]) {
      // 30 steps: on a starved machine a test may need seconds to find the victim.
      const target = await startTarget(t, ['lazily-freed', '--freed=120Mi', '--held=10Mi']);
      const checkUnharmed = noteState(t, target);
      const limits = readLimits(target);
      const agent = startAgent(t, target, SLOW);
      await untilAsked(agent);
      const usage = readUsage(target);
      const pids = [VICTIMS.guardian(agent), ...listChildren(VICTIMS.guardian(agent))];
      await wait(moment);
      process.kill(VICTIMS[victim](agent), 'SIGKILL');
      await waitUntil('the limits to be back', () => readLimits(target).join() === limits.join());
      const {report} = await agent.end();
      await waitUntil('the cgroup to go', () => !hasBalloonCgroup(target));
      await waitUntil('the processes to end', () => !pids.some(isAlive));
      t.true(victim === 'agent' || report?.restored);
      t.true(readUsage(target) <= usage + 4 * MIB);
      checkUnharmed();
      target.kill();
    }
  });

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
