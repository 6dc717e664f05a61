import {readFileSync, rmdirSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {makePod, readUsage, startWorkload, waitUntil} from '../agent/cgroups.ts';
import {
  buildTraps,
  isAbout,
  MIB,
  makeBelow,
  makeFolder,
  probe,
  readResidentBytes,
  startInto,
  startTrap,
  startTrapIn,
} from './trap.ts';

// Memory that is resident and not what it looks like.
test.before(buildTraps);

test.serial('a mapped file is resident, and not the memory of the program', async t => {
  const file = path.join(makeFolder(t), 'file');
  const target = await startTrap(t, [`path=${file}`, 'write-file=60Mi', 'map-file=60Mi', 'hold=12Mi']);
  t.true(readResidentBytes(target.pid) >= 72 * MIB);
  const {reason, evidence} = await probe(t, target);
  t.is(reason, 'NotExamined');
  isAbout(t, evidence.baselineBytes, 12 * MIB);
  isAbout(t, evidence.floorBytes, 12 * MIB);
  // In the guest the file lies on a tmpfs: its pages are shared memory there.
  isAbout(t, (evidence.fileBytes ?? Number.NaN) + (evidence.shmemBytes ?? Number.NaN), 60 * MIB);
  t.is(evidence.lazyFreedBytes, 0);
});

test.serial('shared memory is resident, is not taken, and is named', async t => {
  const target = await startTrap(t, ['share=60Mi', 'hold=4Mi']);
  t.true(readResidentBytes(target.pid) >= 64 * MIB);
  const {reason, message, evidence} = await probe(t, target);
  t.is(reason, 'NothingToJudge');
  t.regex(message, /60(\.\d)? MiB shared memory and tmpfs/);
  isAbout(t, evidence.shmemBytes, 60 * MIB);
  isAbout(t, evidence.baselineBytes, 4 * MIB);
});

test.serial('memory that two containers share is in the evidence of the one that made it', async t => {
  const file = `/dev/shm/trap-${process.pid}`;
  t.teardown(() => rmSync(file, {force: true}));
  const cgroups = makePod(t);
  await startInto(t, makeBelow(cgroups.pod, 'maker'), [`path=${file}`, 'write-file=60Mi']);
  const target = await startTrapIn(t, cgroups, [`path=${file}`, 'map-file=60Mi', 'hold=12Mi']);
  t.true(readResidentBytes(target.pid) >= 72 * MIB);
  const {reason, evidence} = await probe(t, target);
  t.is(reason, 'NotExamined');
  isAbout(t, evidence.shmemBytes, 0);
  isAbout(t, evidence.baselineBytes, 12 * MIB);
  isAbout(t, evidence.floorBytes, 12 * MIB);
});

test.serial('locked memory stays, and the prediction leaves it out', async t => {
  const target = await startTrap(t, ['lock=40Mi', 'free=24Mi', 'hold=4Mi']);
  const {reason, evidence} = await probe(t, target);
  t.is(reason, 'ReclaimedUnderPressure');
  isAbout(t, evidence.unevictableBytes, 40 * MIB);
  isAbout(t, evidence.lazyFreeBytes?.min, 24 * MIB);
  isAbout(t, evidence.lazyFreeBytes?.max, 24 * MIB);
  isAbout(t, evidence.lazyFreedBytes, 24 * MIB);
  isAbout(t, evidence.floorBytes, 44 * MIB);
});

test.serial('lazily freed memory that was locked afterwards belongs to the floor', async t => {
  const target = await startTrap(t, ['lock-freed=40Mi', 'free=24Mi', 'hold=4Mi']);
  const {reason, evidence} = await probe(t, target);
  t.is(reason, 'ReclaimedUnderPressure');
  isAbout(t, evidence.unevictableBytes, 40 * MIB);
  isAbout(t, evidence.lazyFreedBytes, 24 * MIB);
  isAbout(t, evidence.floorBytes, 44 * MIB);
});

test.serial('lazily freed memory that a device could be reading from has no floor', async t => {
  const target = await startTrap(t, ['pin-freed=40Mi', 'hold=12Mi']);
  const {reason, evidence} = await probe(t, target, {wishes: {criteria: {expectedBytes: 20 * MIB}}});
  t.is(reason, 'Stalled');
  isAbout(t, evidence.lazyFreeBytes?.min, 40 * MIB);
  isAbout(t, evidence.lazyFreedBytes, 0);
});

test.serial('what an allocator keeps after free() is held', async t => {
  const target = await startTrap(t, ['retain=40Mi', 'hold=4Mi']);
  const {outcome, evidence} = await probe(t, target);
  t.is(outcome, 'Held');
  isAbout(t, evidence.floorBytes, 44 * MIB);
  isAbout(t, evidence.lazyFreeBytes?.max, 0);
});

test.serial(
  'kernel memory is not in the floor, and has a number of its own where the kernel gives one',
  async t => {
    const target = await startTrap(t, ['kernel=24Mi', 'hold=12Mi']);
    t.true(readUsage(target, 'container') > 34 * MIB);
    const {reason, evidence} = await probe(t, target);
    t.is(reason, 'NotExamined');
    isAbout(t, evidence.floorBytes, 12 * MIB);
    if (target.version === 2) t.true((evidence.kernelBytes ?? Number.NaN) > 24 * MIB);
    else t.is(evidence.kernelBytes, undefined);
  },
);

test.serial('of a program of 5 MiB nothing is judged', async t => {
  const target = await startTrap(t, ['free=4Mi', 'hold=1Mi']);
  const {reason, evidence} = await probe(t, target);
  t.is(reason, 'NothingToJudge');
  isAbout(t, evidence.baselineBytes, 5 * MIB);
  isAbout(t, evidence.floorBytes, MIB);
});

test.serial('a program in a cgroup of its own inside the container is seen whole', async t => {
  const cgroups = makePod(t);
  const inner = makeBelow(cgroups.container, 'inner');
  const target = {...cgroups, ...(await startInto(t, inner, ['free=40Mi', 'hold=12Mi']))};
  const {reason, evidence} = await probe(t, target);
  t.is(reason, 'ReclaimedUnderPressure');
  isAbout(t, evidence.lazyFreeBytes?.min, 40 * MIB);
  isAbout(t, evidence.lazyFreedBytes, 40 * MIB);
  isAbout(t, evidence.floorBytes, 12 * MIB);
});

test.serial('what a cgroup that is gone left behind still counts', async t => {
  const file = `/dev/shm/trap-${process.pid}`;
  t.teardown(() => rmSync(file, {force: true}));
  const target = await startTrap(t, ['hold=12Mi']);
  const inner = makeBelow(target.container, 'inner');
  const gone = await startInto(t, inner, [`path=${file}`, 'write-file=40Mi']);
  gone.kill();
  await waitUntil('the inner cgroup to be empty', () => readFileSync(`${inner}/cgroup.procs`, 'utf8') === '');
  rmdirSync(inner);
  const {reason, evidence} = await probe(t, target);
  t.is(reason, 'NotExamined');
  isAbout(t, evidence.shmemBytes, 40 * MIB);
  isAbout(t, evidence.floorBytes, 12 * MIB);
});

test.serial('a process that was moved in brings no memory with it', async t => {
  const {pod, container, ...rest} = makePod(t);
  const outside = await startInto(t, makeBelow(pod, 'outside'), ['free=40Mi', 'hold=40Mi']);
  writeFileSync(path.join(container, 'cgroup.procs'), String(outside.pid));
  const {reason, evidence} = await probe(t, {...rest, pod, container, ...outside});
  t.is(reason, 'NothingToJudge');
  isAbout(t, evidence.baselineBytes, 0);
  isAbout(t, evidence.lazyFreeBytes?.min, 0);
  isAbout(t, evidence.lazyFreedBytes, 0);
});

test.serial('2000 mappings are summed', async t => {
  const target = await startTrap(t, ['mappings=2000', 'hold=12Mi']);
  t.true(readFileSync(`/proc/${target.pid}/maps`, 'utf8').split('\n').length > 2000);
  const {reason, evidence} = await probe(t, target);
  t.is(reason, 'ReclaimedUnderPressure');
  isAbout(t, evidence.lazyFreeBytes?.min, 2000 * 16 * 1024);
  isAbout(t, evidence.lazyFreedBytes, 2000 * 16 * 1024);
  isAbout(t, evidence.floorBytes, 12 * MIB);
});

test.serial('memory that a parent frees while its child still has it is not lost to anybody', async t => {
  const target = await startTrap(t, ['hold=4Mi', 'hold=40Mi', 'fork', 'free-last']);
  const {outcome, evidence} = await probe(t, target);
  t.is(outcome, 'Held');
  isAbout(t, evidence.lazyFreedBytes, 0);
  isAbout(t, evidence.floorBytes, 44 * MIB);
});

test.serial('memory that was freed before a fork counts once, however many share it', async t => {
  const target = await startTrap(t, ['hold=4Mi', 'free=40Mi', 'fork', 'fork']);
  const {reason, evidence} = await probe(t, target);
  t.is(reason, 'ReclaimedUnderPressure');
  isAbout(t, evidence.lazyFreeBytes?.min, 40 * MIB);
  isAbout(t, evidence.lazyFreedBytes, 40 * MIB);
  isAbout(t, evidence.floorBytes, 4 * MIB);
});

test.serial('memory that was written again after it was freed is promised, and not taken', async t => {
  const target = await startTrap(t, ['hold=4Mi', 'free=60Mi', 'rewrite-last=56Mi']);
  const {outcome, evidence} = await probe(t, target);
  t.is(outcome, 'Held');
  isAbout(t, evidence.lazyFreeBytes?.min, 4 * MIB);
  isAbout(t, evidence.lazyFreeBytes?.max, 60 * MIB);
  isAbout(t, evidence.lazyFreedBytes, 4 * MIB);
  isAbout(t, evidence.floorBytes, 60 * MIB);
});

test.serial('older page cache goes first, and the squeeze goes on behind it', async t => {
  const file = path.join(makeFolder(t), 'file');
  const target = await startTrap(t, [`path=${file}`, 'write-file=60Mi', 'free=40Mi', 'hold=12Mi']);
  const {reason, evidence} = await probe(t, target);
  t.is(reason, 'ReclaimedUnderPressure');
  isAbout(t, evidence.lazyFreedBytes, 40 * MIB);
  isAbout(t, (evidence.fileReclaimedBytes ?? Number.NaN) + (evidence.shmemBytes ?? Number.NaN), 60 * MIB);
});

test.serial('a tight limit that took it all before leaves nothing to find', async t => {
  const target = await startTrap(t, ['free=40Mi', 'hold=24Mi']);
  const limit = target.version === 2 ? 'memory.high' : 'memory.limit_in_bytes';
  writeFileSync(path.join(target.container, limit), String(30 * MIB));
  const {reason, evidence} = await probe(t, target);
  t.is(reason, 'NotExamined');
  t.true((evidence.baselineBytes ?? Number.NaN) <= 30 * MIB);
  t.true((evidence.lazyFreedBytes ?? Number.NaN) <= 6 * MIB);
});

test.serial(
  'page cache that is read again as soon as it is taken ends the squeeze, and hides no floor',
  async t => {
    const file = path.join(makeFolder(t), 'file');
    const cgroups = makePod(t);
    const words = ['page-cache', '--cache=60Mi', '--held=8Mi', '--reread-milliseconds=20', `--file=${file}`];
    const target = {...cgroups, ...(await startWorkload(cgroups.container, words))};
    const {outcome, evidence} = await probe(t, target, {
      wishes: {pressure: {stepSizeBytes: 8 * MIB, stepIntervalMilliseconds: 200}},
    });
    t.is(outcome, 'Held');
    t.is(evidence.stopCause, 'Exhausted');
    isAbout(t, evidence.floorBytes, 8 * MIB);
    // In the guest the file lies on a tmpfs: there is nothing to take. Elsewhere most of it was left where it was.
    if (evidence.shmemBytes !== 0) return;
    t.true((evidence.refaultedBytes ?? 0) > 0);
    t.true((evidence.inflatedBytes ?? Number.NaN) < 60 * MIB);
  },
);

test.serial('page cache that is still dirty does not hide what is lazily freed', async t => {
  const file = path.join(makeFolder(t), 'file');
  const target = await startTrap(t, [`path=${file}`, 'dirty-file=40Mi', 'free=40Mi', 'hold=12Mi']);
  const {outcome, evidence} = await probe(t, target);
  t.true(['Reclaimable', 'Inconclusive'].includes(outcome), outcome);
  t.true((evidence.floorBytes ?? Number.NaN) <= 13 * MIB);
});
