import test from 'ava';
import type {Stop} from '../../src/domain/plan.ts';
import {dependsOnLazyFree, endByLazyFree, endBySwap} from '../../src/domain/squeeze-end.ts';
import {MIB} from '../../src/domain/units.ts';

const EXHAUSTED: Stop = {kind: 'stop', cause: 'Exhausted'};
const IN_USE: Stop = {kind: 'stop', cause: 'Guard', guard: 'refaults'};
const factsOf = (stop: Stop, takeableMebibytes: number) => ({
  stop,
  takeableBytes: takeableMebibytes * MIB,
  exhaustedBytes: MIB,
});

test('nothing takeable left is the end, and nothing has to be counted', t => {
  t.false(dependsOnLazyFree(factsOf(EXHAUSTED, 1)));
});

test('passes that took nothing make a floor only where nothing is lazily freed any more', t => {
  const facts = factsOf(EXHAUSTED, 40);
  t.true(dependsOnLazyFree(facts));
  t.is(endByLazyFree(facts, MIB).cause, 'Exhausted');
  t.is(endByLazyFree(facts, 2 * MIB).cause, 'Stalled');
  t.is(endByLazyFree(facts, Number.POSITIVE_INFINITY).cause, 'Stalled', 'it cannot be counted');
});

test('page cache in use makes a floor where nothing is lazily freed any more, and stays a guard elsewhere', t => {
  const facts = factsOf(IN_USE, 40);
  t.true(dependsOnLazyFree(facts));
  t.is(endByLazyFree(facts, 0).cause, 'Exhausted');
  t.deepEqual(endByLazyFree(facts, 2 * MIB), IN_USE);
  t.deepEqual(endByLazyFree(facts, Number.POSITIVE_INFINITY), IN_USE);
});

test('swap ends a squeeze before its floor only where something takeable is left', t => {
  const swap: Stop = {kind: 'stop', cause: 'Swap'};
  t.is(endBySwap(factsOf(swap, 1)).cause, 'Exhausted');
  t.deepEqual(endBySwap(factsOf(swap, 2)), swap);
  t.deepEqual(endBySwap(factsOf(IN_USE, 0)), IN_USE);
});

test('no other end hangs on it: harm ends a squeeze, whatever is left', t => {
  for (const stop of [
    {kind: 'stop', cause: 'Guard', guard: 'maxPressurePercent'},
    {kind: 'stop', cause: 'Guard', guard: 'maxCacheReclaimed'},
    {kind: 'stop', cause: 'Swap'},
    {kind: 'stop', cause: 'Stalled'},
    {kind: 'stop', cause: 'Cap'},
  ] as const)
    t.false(dependsOnLazyFree(factsOf(stop, 40)), JSON.stringify(stop));
});
