import test from 'ava';
import {
  checkGuards,
  mayTakeTooMuchCache,
  nodeFloorBytes,
  refaultedBytes,
  swapRiseBytes,
} from '../../src/domain/guards.ts';
import type {GuardSettings} from '../../src/domain/settings.ts';
import {GIB, MIB} from '../../src/domain/units.ts';
import {makeSample, takeLazilyFreed} from './samples.ts';

const settings: GuardSettings = {
  minNodeAvailable: {percent: 10},
  maxPressurePercent: 40,
  maxCacheReclaimedBytes: 64 * MIB,
  deadlineSeconds: 600,
};
const before = makeSample({fileBytes: 202 * MIB, anonBytes: 500 * MIB});
const take = (cacheMebibytes: number, refaultMebibytes = 0) =>
  makeSample({
    ...before,
    fileBytes: before.fileBytes - cacheMebibytes * MIB,
    workingsetRefaultFile: (refaultMebibytes * MIB) / 4096,
  });

test('page cache may be taken up to maxCacheReclaimed, and lazily freed pages are none', t => {
  t.is(checkGuards(settings, {before, now: take(64)}), undefined);
  t.is(checkGuards(settings, {before, now: takeLazilyFreed(before, 60 * MIB)}), undefined);
  const trip = checkGuards(settings, {before, now: take(65)});
  t.is(trip?.guard, 'maxCacheReclaimed');
  t.regex(trip?.message ?? '', /65 MiB .*\(64 MiB\)/);
});

test('page cache that is read back at once was in use', t => {
  t.is(checkGuards(settings, {before, now: take(40, 10)}), undefined);
  t.is(checkGuards(settings, {before, now: take(20, 20)})?.guard, 'refaults');
  t.is(checkGuards(settings, {before, now: take(0, 4)}), undefined, 'a few MiB harm nobody');
});

test('before page cache is taken, what went already counts, and no more than there is', t => {
  const mayTake = (taken: number, mebibytes: number) =>
    mayTakeTooMuchCache(settings, {before, now: take(taken)}, mebibytes * MIB);
  t.false(mayTake(0, 64));
  t.true(mayTake(0, 65));
  t.true(mayTake(30, 40), 'two requests, each of which would have been allowed');
  t.false(mayTake(30, 34));
  t.false(mayTake(70, 0), 'nothing is asked for');
  const [was, isNow] = [makeSample({fileBytes: 50 * MIB}), makeSample({fileBytes: 20 * MIB})];
  t.false(mayTakeTooMuchCache(settings, {before: was, now: isNow}, 500 * MIB));
});

test('refaults that the kernel does not count are unknown', t => {
  const {workingsetRefaultFile: _, ...uncounted} = before;
  t.is(refaultedBytes({before: uncounted, now: take(0, 9)}), undefined);
  t.is(refaultedBytes({before, now: take(0, 9)}), 9 * MIB);
});

test('the node keeps what was asked for, and never less than the kubelet keeps, with a margin', t => {
  t.is(nodeFloorBytes({guards: settings, nodeReservedBytes: GIB}, 100 * GIB), 10 * GIB);
  t.is(nodeFloorBytes({guards: settings, nodeReservedBytes: GIB}, 4 * GIB), GIB + 64 * MIB);
  t.is(nodeFloorBytes({guards: {...settings, minNodeAvailable: {bytes: 0}}}, GIB), 164 * MIB);
  t.is(nodeFloorBytes({guards: {...settings, minNodeAvailable: {bytes: 2 * GIB}}}, GIB), 2 * GIB);
});

test('swap rises by what is counted there anew, and by what leaves memory though its place was counted', t => {
  const swapped = makeSample({swapBytes: 30 * MIB, swapCachedBytes: 20 * MIB});
  const riseTo = (change: object) => swapRiseBytes({before: swapped, now: {...swapped, ...change}}, MIB);
  t.is(riseTo({}), 0);
  t.is(riseTo({swapBytes: 30 * MIB + 4096}), 4096);
  t.is(riseTo({swapCachedBytes: 0}), 20 * MIB, 'the kernel dropped what it need not write again');
  t.is(riseTo({swapCachedBytes: 19.5 * MIB}), 0, 'within what counters are off by');
  t.true(
    (riseTo({swapBytes: 10 * MIB, swapCachedBytes: 0}) ?? 1) <= 0,
    'it was written to, and gave up its place',
  );
});

test('swap that is not counted, or not how much of it is in memory too, is unknown', t => {
  const {swapBytes: _, ...uncounted} = makeSample();
  t.is(swapRiseBytes({before: uncounted, now: uncounted}, MIB), undefined);
  const {swapCachedBytes: __, ...old} = makeSample({swapBytes: MIB});
  t.is(swapRiseBytes({before: old, now: old}, MIB), undefined);
});
