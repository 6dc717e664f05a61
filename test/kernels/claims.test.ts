import test from 'ava';
import {MIB} from '../../src/domain/units.ts';
import {CLAIMS, type Claim, predictionErrorBytes, renderReport} from './claims.ts';
import type {Result} from './result.ts';
import {makeResult} from './results.ts';

const SQUEEZED = {
  lazyFreedBytes: 100 * MIB,
  lazyFreeBytes: {min: 100 * MIB},
  floorBytes: 41 * MIB,
  takeableBytes: 100 * MIB,
  stopCause: 'Exhausted',
} as const satisfies Result['evidence'];

const reclaimed = (change: Result['evidence'] = {}): Result =>
  makeResult('Reclaimable', 'ReclaimedUnderPressure', {}, {...SQUEEZED, ...change});
const swapped = (change: Partial<Result> = {}): Result => ({
  ...reclaimed(),
  case: {...reclaimed().case, swap: 'zram'},
  ...change,
});

/** What breaks which claim. */
const brokenBy = (...results: Result[]): Record<string, string[]> =>
  Object.fromEntries(
    CLAIMS.map(check => check([reclaimed(), swapped(), ...results]))
      .filter(({broken}) => broken.length > 0)
      .map(({title, broken}: Claim) => [title, broken]),
  );
const titlesBrokenBy = (...results: Result[]): string[] => Object.keys(brokenBy(...results));

test('right verdicts break nothing, and without any there is nothing to show', t => {
  t.deepEqual(brokenBy(), {});
  t.true(CLAIMS.some(check => check([]).broken.length > 0));
});

for (const [title, result] of [
  ['no case is called Leak that is not', makeResult('Leak', 'AboveExpected')],
  [
    'no case is called Reclaimable that is not',
    makeResult('Reclaimable', 'ReclaimedUnderPressure', {workload: 'held idle'}),
  ],
  ['nothing that is claimed is wrong', makeResult('Held', 'NotExamined')],
  [
    'at most a tenth of the cases that have an answer stay open',
    makeResult('Inconclusive', 'Stalled', {}, {stopCause: 'Stalled'}),
  ],
  [
    'where nothing else moved, what was predicted is what was taken, within 1 % or 1 MiB',
    reclaimed({lazyFreedBytes: 98 * MIB}),
  ],
  ['there too, what stays is what was held, and the program itself', reclaimed({floorBytes: 43 * MIB})],
  ['with swap no more than one step was swapped out of anybody', swapped({swappedOutBytes: 53 * MIB})],
  [
    'with swap the verdict is the one that there is without, or beside page cache on v1 none (found: another)',
    swapped({outcome: 'Inconclusive', reason: 'WouldSwap'}),
  ],
] as const)
  test(`broken: ${title}`, t => {
    const broken = brokenBy(result);
    t.is(broken[title]?.length, 1);
    t.regex(broken[title]?.[0] ?? '', /^(?:lazily freed|held idle), 6\.1, Balloon/);
  });

test('every claim can be broken', t => {
  const all = CLAIMS.map(check => check([]).title);
  t.is(new Set(all).size, all.length);
  t.deepEqual(titlesBrokenBy(swapped({swappedOutBytes: 53 * MIB})), [all.at(-2)]);
});

test('a prediction is compared only where a squeeze came to its end and nothing else moved', t => {
  const errorOf = (change: Result['evidence']) =>
    predictionErrorBytes(reclaimed({lazyFreedBytes: 90 * MIB, ...change}));
  t.is(errorOf({}), 10 * MIB);
  t.is(errorOf({swappedBytes: MIB}), undefined);
  t.is(errorOf({unexplainedBytes: MIB}), undefined);
  t.is(errorOf({stopCause: 'Stalled'}), undefined);
});

test('the report says what holds with its figures, and names each case that breaks it', t => {
  const text = renderReport([reclaimed(), swapped(), makeResult('Leak', 'AboveExpected')]);
  t.regex(text, /^- \[x\] with swap no more .*: 1 cases, at most 0\.00 MiB$/m);
  t.regex(
    text,
    /^- \[ \] no case is called Leak that is not: 1 of 1\n {2}- lazily freed, 6\.1, .*: Leak AboveExpected/m,
  );
  t.regex(text, /3 cases: 2 right, 0 open, 1 wrong\./);
});
