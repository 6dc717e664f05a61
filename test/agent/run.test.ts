import {mkdtempSync, rmSync} from 'node:fs';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {buildCase, judge} from '../../src/domain/judge.ts';
import type {Report} from '../../src/domain/report.ts';
import {isAbout} from '../helpers/about.ts';
import {settingsFor, startAgent, type Wishes} from './agent.ts';
import {buildPrograms, startTarget} from './cgroups.ts';
import {noteState} from './unharmed.ts';

const MIB = 1024 * 1024;
const ROOT = path.resolve(import.meta.dirname, '../..');

test.before(buildPrograms);

type Pod = {limitBytes?: number};

/** Runs a whole probe of a workload and checks what holds for every one of them. */
const probe = async (
  t: ExecutionContext,
  workload: string[],
  wishes: Wishes = {},
  {limitBytes}: Pod = {},
): Promise<Report & {reason: string}> => {
  const target = await startTarget(t, workload, limitBytes);
  const checkUnharmed = noteState(t, target);
  const {report, lines, exitCode, stderr} = await startAgent(t, target, wishes).end();
  checkUnharmed();
  t.is(stderr, '');
  t.is(exitCode, 0);
  if (report === undefined) throw new Error('there is no report');
  t.log(JSON.stringify(report.failure ?? report.evidence));
  t.true(report.restored);
  const recorded = lines.find(line => line.type === 'report');
  t.is(recorded?.report.evidence.floorBytes, report.evidence.floorBytes, 'record and message differ');
  t.deepEqual(lines[0]?.type, 'start');
  return {...report, reason: judge(buildCase(settingsFor(wishes), report)).reason};
};

for (const freed of [50, 300]) {
  test.serial(`finds ${freed} MiB that were freed lazily, to the MiB`, async t => {
    const {evidence, reason} = await probe(t, ['lazily-freed', `--freed=${freed}Mi`, '--held=46Mi']);
    t.is(reason, 'ReclaimedUnderPressure');
    isAbout(t, evidence.reclaimedBytes, freed * MIB);
    isAbout(t, evidence.lazyFreeBytes?.min, freed * MIB);
    isAbout(t, evidence.lazyFreeBytes?.max, freed * MIB);
    isAbout(t, evidence.lazyFreedBytes, freed * MIB);
    t.is(evidence.stopCause, 'Exhausted');
    t.true((evidence.curve?.length ?? 0) >= 3);
  });
}

test('memory that is written again after it was freed is not taken for reclaimable', async t => {
  const {evidence} = await probe(t, ['lazily-freed', '--freed=80Mi', '--dirtied=40Mi', '--held=20Mi']);
  isAbout(t, evidence.lazyFreeBytes?.min, 40 * MIB);
  isAbout(t, evidence.lazyFreeBytes?.max, 80 * MIB);
  isAbout(t, evidence.reclaimedBytes, 40 * MIB);
  isAbout(t, evidence.lazyFreedBytes, 40 * MIB);
});

test('a pod whose limit is near is squeezed against it, and nobody is killed', async t => {
  const pod = {limitBytes: 160 * MIB};
  const {evidence, reason} = await probe(t, ['lazily-freed', '--freed=80Mi', '--held=40Mi'], {}, pod);
  t.is(reason, 'ReclaimedUnderPressure');
  isAbout(t, evidence.reclaimedBytes, 80 * MIB);
});

test('a pod that is at its limit because of what was lazily freed gives it back, and nobody is killed', async t => {
  // What else the pod has, from page tables to the balloon's cgroup, fills the rest.
  const pod = {limitBytes: 121 * MIB};
  const {evidence, reason} = await probe(t, ['lazily-freed', '--freed=80Mi', '--held=40Mi'], {}, pod);
  t.is(reason, 'ReclaimedUnderPressure');
  t.is(evidence.stopCause, 'Exhausted');
  t.true((evidence.lazyFreedBytes ?? Number.NaN) >= 75 * MIB);
  isAbout(t, evidence.floorBytes, 40 * MIB);
});

test('held memory that nobody touches is idle', async t => {
  const {evidence, reason} = await probe(t, ['held-idle', '--held=80Mi'], {criteria: {idleSeconds: 1}});
  t.is(reason, 'HeldIdle');
  isAbout(t, evidence.floorBytes, 80 * MIB);
  isAbout(t, evidence.idleBytes, 80 * MIB);
});

test('held memory that is used all the time is not idle', async t => {
  // Small: a guest's faults are slow, and one pass over all of it has to fit well into the idle second.
  const workload = ['held-used', '--held=24Mi', '--touch-milliseconds=100'];
  const {evidence, reason} = await probe(t, workload, {criteria: {idleSeconds: 1}});
  t.is(reason, 'HeldInUse');
  isAbout(t, evidence.floorBytes, 24 * MIB);
  isAbout(t, evidence.idleBytes, 0);
});

test('the look at idle memory is not made where the expected size decides', async t => {
  const wishes = {criteria: {idleSeconds: 20, expectedBytes: 30 * MIB}};
  const {evidence, reason} = await probe(t, ['held-idle', '--held=80Mi'], wishes);
  t.is(reason, 'AboveExpected');
  t.is(evidence.idleBytes, undefined);
});

test('a baseline that is not above the expected size ends the probe without a squeeze', async t => {
  const wishes = {criteria: {expectedBytes: 200 * MIB}};
  const {evidence, reason} = await probe(t, ['lazily-freed', '--freed=80Mi', '--held=40Mi'], wishes);
  t.is(reason, 'AsExpected');
  t.is(evidence.inflatedBytes, undefined);
  isAbout(t, evidence.baselineBytes, 120 * MIB);
});

test('to observe takes nothing and predicts', async t => {
  const wishes: Wishes = {pressure: {method: 'Observe'}};
  const {evidence, reason} = await probe(t, ['lazily-freed', '--freed=80Mi', '--held=40Mi'], wishes);
  t.is(reason, 'ObservedOnly');
  isAbout(t, evidence.lazyFreeBytes?.min, 80 * MIB);
  isAbout(t, evidence.baselineBytes, 120 * MIB);
  t.is(evidence.floorBytes, undefined);
});

test('shared memory and a held heap are not reclaimable', async t => {
  const {evidence, reason} = await probe(t, ['tmpfs', '--shared=60Mi', '--held=40Mi']);
  t.is(reason, 'NotExamined');
  isAbout(t, evidence.shmemBytes, 60 * MIB);
  isAbout(t, evidence.floorBytes, 40 * MIB);
});

test('a cap ends the squeeze before its floor, and the report says so', async t => {
  const wishes = {
    pressure: {maxSizeBytes: 32 * MIB, stepSizeBytes: 16 * MIB},
    criteria: {minReclaimedPercent: 90},
  };
  const {evidence, reason} = await probe(t, ['lazily-freed', '--freed=200Mi', '--held=20Mi'], wishes);
  t.is(reason, 'CapReached');
  t.true((evidence.inflatedBytes ?? Number.NaN) <= 32 * MIB);
});

test('rounds leave one floor each and give the lock back in between', async t => {
  const wishes = {rounds: {count: 3, intervalSeconds: 2}, pressure: {holdSeconds: 0.5}};
  const {evidence, reason} = await probe(t, ['lazily-freed', '--freed=60Mi', '--held=40Mi'], wishes);
  t.is(reason, 'ReclaimedUnderPressure');
  t.is(evidence.rounds?.length, 3);
  for (const round of evidence.rounds ?? []) isAbout(t, round.floorBytes, 40 * MIB);
});

test.serial(
  'rounds see the valleys of a sawtooth that a hold covers, and leave no gap in the balance',
  async t => {
    // The period is longer than the second that a single squeeze is preceded by.
    const workload = ['sawtooth', '--held=40Mi', '--saw=40Mi', '--saw-milliseconds=1500'];
    const wishes = {rounds: {count: 3, intervalSeconds: 1}, pressure: {holdSeconds: 2}};
    const {evidence} = await probe(t, workload, wishes);
    const usable = (evidence.rounds ?? []).filter(({unexplainedBytes}) => unexplainedBytes === 0);
    t.true(usable.length >= 2, JSON.stringify(evidence.rounds));
    for (const {floorBytes} of usable) t.true(floorBytes < 60 * MIB);
  },
);

test.serial('rounds see the valleys of a heap that is freed lazily, where no counter falls', async t => {
  const workload = ['sawtooth', '--held=40Mi', '--saw=60Mi', '--saw-lazy=1', '--saw-milliseconds=1500'];
  const wishes = {rounds: {count: 3, intervalSeconds: 1}, pressure: {holdSeconds: 2}};
  const {evidence} = await probe(t, workload, wishes);
  const floors = (evidence.rounds ?? []).map(({floorBytes}) => floorBytes);
  // Of three, since a machine that is busy for long may let a valley pass unseen.
  t.true(Math.min(...floors) < 50 * MIB, JSON.stringify(evidence.rounds));
});

test('of page cache no more is taken than was allowed', async t => {
  const directory = mkdtempSync(path.join(ROOT, 'build', 'cache-')); // not a tmpfs: its pages would be shared memory
  t.teardown(() => rmSync(directory, {recursive: true}));
  const workload = ['page-cache', '--cache=100Mi', '--held=16Mi', `--file=${directory}/file`];
  const wishes = {guards: {maxCacheReclaimedBytes: 20 * MIB}};
  const {evidence, reason} = await probe(t, workload, wishes);
  if (evidence.shmemBytes === 0) {
    t.is(reason, 'GuardTripped');
    t.is(evidence.stopGuard, 'maxCacheReclaimed');
    t.true((evidence.fileReclaimedBytes ?? 0) > MIB);
  }
  t.true((evidence.fileReclaimedBytes ?? Number.NaN) <= 21 * MIB);
});
