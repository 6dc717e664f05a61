import test from 'ava';
import type {Sample} from '../../src/domain/sample.ts';
import {type SqueezeRecord, summarizeSqueeze} from '../../src/domain/squeeze-result.ts';
import {KIB, MIB} from '../../src/domain/units.ts';
import {makeSample, takeLazilyFreed} from './samples.ts';

const at = (timeMilliseconds: number, sample: Sample): Sample => ({...sample, timeMilliseconds});
const grown = (sample: Sample, bytes: number): Sample => ({
  ...sample,
  anonBytes: sample.anonBytes + bytes,
  activeAnonBytes: sample.activeAnonBytes + bytes,
});
const target = makeSample();
const squeezed = takeLazilyFreed(target, 60 * MIB);

const makeRecord = (change: Partial<SqueezeRecord> = {}): SqueezeRecord => ({
  baseline: Array.from({length: 21}, (_, index) => at(index * 50, target)),
  lazyFreeMinBytes: 58 * MIB,
  hold: [{sample: at(3000, squeezed), lazyFreeBytes: 0}],
  pressed: {before: target, after: {...squeezed, eventsHigh: 5, pgscan: 100}},
  stop: {kind: 'stop', cause: 'Exhausted'},
  steps: 7,
  inflatedBytes: 80 * MIB,
  curve: Array.from({length: 90}, (_, index) => ({
    inflatedBytes: index * MIB,
    targetBytes: (100 - index) * MIB,
  })),
  epsilonBytes: 512 * KIB,
  time: '2026-01-02T03:04:05Z',
  ...change,
});

test('a whole squeeze gives the whole evidence and a round', t => {
  const {evidence, round} = summarizeSqueeze(makeRecord());
  t.like(evidence, {
    baselineBytes: 100 * MIB,
    floorBytes: 40 * MIB,
    reclaimedBytes: 60 * MIB,
    lazyFreeBytes: {min: 58 * MIB, max: 60 * MIB},
    lazyFreedBytes: 60 * MIB,
    unexplainedBytes: 0,
    takeableBytes: 70 * MIB,
    fileReclaimedBytes: 0,
    refaultedBytes: 0,
    fileBytes: 10 * MIB,
    shmemBytes: 2 * MIB,
    boundaryEvents: 105,
    stopCause: 'Exhausted',
    cgroupVersion: 2,
  });
  t.like(round, {floorBytes: 40 * MIB, unexplainedBytes: 0, stopCause: 'Exhausted', shmemBytes: 2 * MIB});
});

test('baseline and floor are the least of what was seen, so that a sawtooth compares valley with valley', t => {
  const {evidence} = summarizeSqueeze(
    makeRecord({
      baseline: [0, 500, 1000].map((time, index) => at(time, grown(target, ([5, 0, 9][index] ?? 0) * MIB))),
      hold: [4, 0, 7].map(mebibytes => ({sample: grown(squeezed, mebibytes * MIB), lazyFreeBytes: 0})),
    }),
  );
  t.is(evidence.baselineBytes, 100 * MIB);
  t.is(evidence.floorBytes, 40 * MIB);
  t.is(evidence.unexplainedBytes, 0);
});

test('what the target frees lazily during the hold is no longer held', t => {
  const freedAgain: Sample = {
    ...squeezed,
    activeAnonBytes: squeezed.activeAnonBytes - 10 * MIB,
    inactiveFileBytes: squeezed.inactiveFileBytes + 10 * MIB,
  };
  const {evidence} = summarizeSqueeze(makeRecord({hold: [{sample: freedAgain, lazyFreeBytes: 10 * MIB}]}));
  t.is(evidence.floorBytes, 30 * MIB);
});

test('pages that smaps counts for two processes after a fork are left out once', t => {
  const freedAgain: Sample = {
    ...squeezed,
    activeAnonBytes: squeezed.activeAnonBytes - 10 * MIB,
    inactiveFileBytes: squeezed.inactiveFileBytes + 10 * MIB,
  };
  const {evidence} = summarizeSqueeze(makeRecord({hold: [{sample: freedAgain, lazyFreeBytes: 20 * MIB}]}));
  t.is(evidence.floorBytes, 30 * MIB);
});

test('under a second of baseline is none', t => {
  const {evidence, round} = summarizeSqueeze(makeRecord({baseline: [at(0, target), at(999, target)]}));
  t.false('baselineBytes' in evidence);
  t.false('reclaimedBytes' in evidence);
  t.is(round, undefined);
});

test('a floor whose LazyFree could not be read is none, and neither is one without swap counted', t => {
  t.false('floorBytes' in summarizeSqueeze(makeRecord({hold: [{sample: squeezed}]})).evidence);
  const {swapBytes: _, ...uncounted} = squeezed;
  const {evidence} = summarizeSqueeze(makeRecord({hold: [{sample: uncounted, lazyFreeBytes: 0}]}));
  t.false('floorBytes' in evidence);
  t.false('floorBytes' in summarizeSqueeze(makeRecord({hold: []})).evidence);
});

test('v1 acts by shrinking its limit; where nothing counts, it is not known', t => {
  const v1 = ({pgscan: _, eventsHigh: __, eventsMax: ___, pglazyfreed: ____, ...rest}: Sample): Sample => ({
    ...rest,
    version: 1,
  });
  const pressed = {before: v1(target), after: v1(squeezed)};
  t.is(summarizeSqueeze(makeRecord({pressed, limitShrinks: 4})).evidence.boundaryEvents, 4);
  t.false('boundaryEvents' in summarizeSqueeze(makeRecord({pressed})).evidence);
});

test('without the pressed cgroup there is nothing to say about what could be taken', t => {
  const {pressed: _, ...rest} = makeRecord();
  const {evidence} = summarizeSqueeze(rest);
  t.false('takeableBytes' in evidence);
  t.false('fileReclaimedBytes' in evidence);
});

test('the curve keeps its ends and at most 32 points', t => {
  const {curve = []} = summarizeSqueeze(makeRecord()).evidence;
  t.is(curve.length, 32);
  t.is(curve[0]?.inflatedBytes, 0);
  t.is(curve.at(-1)?.inflatedBytes, 89 * MIB);
});

test('a valley that was not seen before the squeeze is no gap in the balance, and makes nothing of it', t => {
  const after = {...squeezed, anonBytes: squeezed.anonBytes - 20 * MIB, activeAnonBytes: 0};
  const hold = [{sample: after, lazyFreeBytes: 0}];
  t.is(summarizeSqueeze(makeRecord({hold})).evidence.unexplainedBytes, 20 * MIB);
  const {evidence} = summarizeSqueeze(makeRecord({hold, baselineHiddenBytes: 21 * MIB}));
  t.like(evidence, {unexplainedBytes: 0, floorBytes: 20 * MIB, lazyFreedBytes: 60 * MIB});
});
