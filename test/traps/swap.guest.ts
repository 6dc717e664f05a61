import {execFileSync} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {buildTraps, isAbout, MIB, makeFolder, probe, readResidentBytes, startTrap} from './trap.ts';

// Memory that leaves RSS without having been given back. Only where the kernel is one's own: swap is the whole machine's.
test.before(() => {
  buildTraps();
  writeFileSync('/sys/block/zram0/disksize', '256M');
  execFileSync('mkswap', ['/dev/zram0'], {stdio: 'ignore'});
  execFileSync('swapon', ['/dev/zram0']);
});

test.after.always(() => void execFileSync('swapoff', ['/dev/zram0']));

const setZswap = (value: 'Y' | 'N') => writeFileSync('/sys/module/zswap/parameters/enabled', value);

/** Somebody else's pressure: unlike ours it swaps. */
const swapOut = (container: string, bytes: number): void => {
  try {
    writeFileSync(path.join(container, 'memory.reclaim'), String(bytes));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error;
  }
};
const readStat = (container: string, key: string): number =>
  Number(
    new RegExp(`^${key} (\\d+)$`, 'm').exec(readFileSync(path.join(container, 'memory.stat'), 'utf8'))?.[1],
  );

test.serial('a leak that zram swallowed before is not reclaimable', async t => {
  const target = await startTrap(t, ['hold=80Mi']);
  swapOut(target.container, 60 * MIB);
  t.true(readResidentBytes(target.pid) < 40 * MIB, 'RSS fell');
  const {outcome, evidence} = await probe(t, target);
  t.is(outcome, 'Held');
  isAbout(t, evidence.baselineBytes, 80 * MIB);
  isAbout(t, evidence.floorBytes, 80 * MIB);
  t.is(evidence.lazyFreedBytes, 0);
});

test.serial('a leak that zram swallows in the middle is not reclaimable', async t => {
  const target = await startTrap(t, ['free=24Mi', 'hold=80Mi']);
  const {reason, evidence} = await probe(t, target, {
    wishes: {criteria: {minReclaimedPercent: 50}},
    during: ({container}) => swapOut(container, 70 * MIB),
  });
  // Or that pressure took all that was lazily freed before it swapped anything: then ours had come to its end.
  t.true(['WouldSwap', 'NotExamined'].includes(reason), reason);
  t.true((evidence.swappedBytes ?? Number.NaN) > 30 * MIB);
  t.true((evidence.lazyFreedBytes ?? Number.NaN) <= 25 * MIB);
  isAbout(t, evidence.floorBytes, 80 * MIB);
});

test.serial('a leak that zswap swallowed is not reclaimable', async t => {
  setZswap('Y');
  t.teardown(() => setZswap('N'));
  const target = await startTrap(t, ['hold=80Mi']);
  swapOut(target.container, 60 * MIB);
  t.true(readStat(target.container, 'zswapped') > 40 * MIB, 'zswap has it');
  const {outcome, evidence} = await probe(t, target);
  t.is(outcome, 'Held');
  isAbout(t, evidence.baselineBytes, 80 * MIB);
  isAbout(t, evidence.floorBytes, 80 * MIB);
});

test.serial('a leak of zeros, which cost nothing to swap, is not reclaimable', async t => {
  const target = await startTrap(t, ['zeros=80Mi']);
  swapOut(target.container, 60 * MIB);
  t.true(readStat(target.container, 'swpout_zero') > 0, 'the kernel dropped pages of zeros');
  const {outcome, evidence} = await probe(t, target);
  t.is(outcome, 'Held');
  isAbout(t, evidence.baselineBytes, 80 * MIB);
  isAbout(t, evidence.floorBytes, 80 * MIB);
});

test.serial(
  'shared memory that was swapped is not what the target holds: no expected size covers it',
  async t => {
    // The guest's files lie on a tmpfs: what is written is shared memory, older than what is held, so it is swapped first.
    const file = path.join(makeFolder(t), 'file');
    const target = await startTrap(t, [`path=${file}`, 'write-file=80Mi', 'hold=20Mi']);
    swapOut(target.container, 60 * MIB);
    const inSwap = Number(readFileSync(path.join(target.container, 'memory.swap.current'), 'utf8'));
    t.true(inSwap > 40 * MIB, 'most of what went there is the file');
    const {outcome, reason, evidence} = await probe(t, target, {
      wishes: {criteria: {expectedBytes: 40 * MIB}},
    });
    isAbout(t, evidence.baselineBytes, 20 * MIB);
    t.is(outcome, 'Held');
    t.is(reason, 'AsExpected');
  },
);

test.serial(
  'where there is swap lazily freed memory is taken, and held memory stays where it is',
  async t => {
    const target = await startTrap(t, ['free=60Mi', 'hold=40Mi']);
    const {reason, evidence} = await probe(t, target);
    t.is(reason, 'ReclaimedUnderPressure');
    t.true((evidence.swappedBytes ?? Number.NaN) <= MIB);
    isAbout(t, evidence.lazyFreedBytes, 60 * MIB);
  },
);
