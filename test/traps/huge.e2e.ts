import {existsSync, readFileSync} from 'node:fs';
import test from 'ava';
import {waitUntil} from '../agent/cgroups.ts';
import {buildTraps, isAbout, MIB, probe, setSwitch, startTrap} from './trap.ts';

// Huge pages and merged pages, which the guest's kernel does not have.
test.before(buildTraps);

const THP = '/sys/kernel/mm/transparent_hugepage';
const KSM = '/sys/kernel/mm/ksm';

test.serial('this kernel has huge pages and can merge equal ones', t => {
  t.true(existsSync(THP));
  t.true(existsSync(KSM));
});

const readHugeBytes = (pid: number): number =>
  Number(/^AnonHugePages:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]) * 1024;

test.serial('the half of each huge page that was freed lazily is taken, and the other is held', async t => {
  const target = await startTrap(t, ['huge-freed=80Mi', 'hold=4Mi']);
  const {reason, evidence} = await probe(t, target);
  t.is(reason, 'ReclaimedUnderPressure');
  isAbout(t, evidence.lazyFreeBytes?.min, 40 * MIB);
  isAbout(t, evidence.lazyFreedBytes, 40 * MIB);
  isAbout(t, evidence.floorBytes, 44 * MIB);
});

test.serial('halves of huge pages that were dropped do not hide what is lazily freed', async t => {
  const target = await startTrap(t, ['huge-dropped=80Mi', 'free=40Mi', 'hold=4Mi']);
  const {reason, evidence} = await probe(t, target);
  t.is(reason, 'ReclaimedUnderPressure');
  isAbout(t, evidence.lazyFreeBytes?.min, 40 * MIB);
  isAbout(t, evidence.lazyFreedBytes, 40 * MIB);
  isAbout(t, evidence.floorBytes, 44 * MIB);
});

test.serial('a huge page is held whole, however little of it was written', async t => {
  const target = await startTrap(t, ['huge-sparse=80Mi', 'free=24Mi']);
  t.is(readHugeBytes(target.pid), 80 * MIB);
  const {outcome, evidence} = await probe(t, target, {wishes: {criteria: {minReclaimedPercent: 50}}});
  t.not(outcome, 'Leak');
  t.not(outcome, 'Reclaimable');
  isAbout(t, evidence.lazyFreedBytes, 24 * MIB);
});

test.serial('free parts of huge pages that the kernel fills from squeeze to squeeze are no leak', async t => {
  setSwitch(t, `${THP}/khugepaged/scan_sleep_millisecs`, '2000');
  setSwitch(t, `${THP}/khugepaged/pages_to_scan`, '1024');
  const target = await startTrap(t, ['huge-dropped=160Mi', 'offer-last', 'hold=4Mi']);
  const {outcome, reason, message, evidence} = await probe(t, target, {
    wishes: {rounds: {count: 12, intervalSeconds: 4}, guards: {deadlineSeconds: 110}},
  });
  t.true((evidence.growthBytesPerHour ?? Number.NaN) > 1024 * MIB, 'the kernel filled something');
  t.true((evidence.hugePageFillBytes ?? 0) > 10 * MIB);
  t.is(`${outcome} ${reason}`, 'Inconclusive TrendUnclear');
  t.regex(message, /khugepaged/);
});

test.serial('equal pages that the kernel merges in the middle are not reclaimed', async t => {
  const target = await startTrap(t, ['equal=40Mi', 'free=40Mi', 'hold=4Mi']);
  setSwitch(t, `${KSM}/pages_to_scan`, '100000');
  setSwitch(t, `${KSM}/sleep_millisecs`, '1');
  const {outcome, evidence} = await probe(t, target, {
    wishes: {criteria: {minReclaimedPercent: 60}, guards: {deadlineSeconds: 110}},
    during: async () => {
      setSwitch(t, `${KSM}/run`, '1');
      await waitUntil('the pages to be merged', () => readMergedBytes(target.pid) > 30 * MIB, 60_000);
    },
  });
  t.true(['Held', 'Inconclusive'].includes(outcome), outcome);
  t.true((evidence.lazyFreedBytes ?? Number.NaN) <= 41 * MIB);
  t.true((evidence.unexplainedBytes ?? 0) > 30 * MIB);
});

const readMergedBytes = (pid: number): number =>
  Number(readFileSync(`/proc/${pid}/ksm_merging_pages`, 'utf8')) * 4096;
