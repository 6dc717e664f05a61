import test from 'ava';
import fc from 'fast-check';
import type {SeriesPoint} from '../../src/domain/curvature.ts';
import {mannKendallPValue} from '../../src/domain/rank-test.ts';
import {senSlope} from '../../src/domain/sen-slope.ts';
import {examineTrend, type TrendCriteria} from '../../src/domain/trend.ts';
import {KIB, MIB} from '../../src/domain/units.ts';

const criteria: TrendCriteria = {alpha: 0.01, minGrowthBytes: 8 * MIB, epsilonBytes: 512 * KIB};
const seriesOf = (mebibytes: readonly number[], intervalSeconds = 15): SeriesPoint[] =>
  mebibytes.map((value, index) => ({timeSeconds: 1000 + index * intervalSeconds, bytes: value * MIB}));
const rising = (count: number, step: number, start = 100): number[] =>
  Array.from({length: count}, (_, index) => start + index * step);

/** The same number by trying every order: the definition of the exact test. */
const tryAllOrders = (values: readonly number[]): number => {
  const orders = (rest: readonly number[]): number[][] =>
    rest.length === 0
      ? [[]]
      : rest.flatMap((value, index) => orders(rest.toSpliced(index, 1)).map(order => [value, ...order]));
  const score = (order: readonly number[]): number =>
    order
      .flatMap((from, index) => order.slice(index + 1).map(to => Math.sign(to - from)))
      .reduce((a, b) => a + b, 0);
  const all = orders([...values].sort((a, b) => a - b));
  return all.filter(order => score(order) >= score(values)).length / all.length;
};

test('the p-value is the share of orders that rise as much, by trying them all', t => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer(), {minLength: 2, maxLength: 6}),
      values => Math.abs(mannKendallPValue(values) - tryAllOrders(values)) < 1e-12,
    ),
    {numRuns: 40},
  );
  t.pass();
});

/** Values in an order whose S is as wanted: each swap of neighbours in a rising series lowers it by 2. */
const orderWithS = (count: number, s: number): number[] => {
  const values = rising(count, 1);
  let swaps = ((count * (count - 1)) / 2 - s) / 2;
  for (let end = count - 1; end > 0 && swaps > 0; end--)
    for (let at = 0; at < end && swaps > 0; at++, swaps--)
      [values[at], values[at + 1]] = [values[at + 1] ?? 0, values[at] ?? 0];
  return values;
};

for (const [count, critical] of [
  [6, 13],
  [7, 17],
  [8, 20],
  [10, 27],
  [12, 36],
  [15, 49],
  [20, 72],
] as const)
  test(`with ${count} values S = ${critical} is the least that is significant at 1 %`, t => {
    t.true(mannKendallPValue(orderWithS(count, critical)) <= 0.01);
    t.true(mannKendallPValue(orderWithS(count, critical - 2)) > 0.01);
  });

test('equal values count as no rise', t => {
  t.true(mannKendallPValue([1, 1, 1, 1, 1, 1, 1, 1]) > 0.4);
  t.true(mannKendallPValue([1, 1, 1, 1, 2, 2, 2, 2]) > 0.01);
});

test("Sen's slope is the slope of a line, and one wild value moves it little", t => {
  t.is(senSlope(seriesOf(rising(9, 3))), (3 * MIB) / 15);
  const wild = rising(9, 3).with(4, 900);
  t.true(Math.abs(senSlope(seriesOf(wild)) - (3 * MIB) / 15) < (0.5 * MIB) / 15);
});

test('a steady leak grows, with 8 floors and with 32', t => {
  for (const count of [8, 12, 20, 32]) {
    const trend = examineTrend(seriesOf(rising(count, 3)), criteria);
    t.true(trend?.isGrowing, `${count}`);
    t.false(trend?.isFlat);
    t.is(Math.round((trend?.slopeBytesPerHour ?? 0) / MIB), 720);
  }
});

test('7 floors are too few, whatever they do', t => {
  t.is(examineTrend(seriesOf(rising(7, 100)), criteria), undefined);
});

test('times that do not rise make no series', t => {
  t.is(examineTrend(seriesOf(rising(8, 100), 0), criteria), undefined);
  t.is(
    examineTrend(seriesOf(rising(8, 100)).with(3, {timeSeconds: Number.NaN, bytes: 5}), criteria),
    undefined,
  );
});

const isGrowing = (values: readonly number[], change: Partial<TrendCriteria> = {}) =>
  examineTrend(seriesOf(values), {...criteria, ...change})?.isGrowing;

test('a growth below minGrowth, epsilon or 2 % of the floor is none', t => {
  t.false(isGrowing(rising(8, 1)));
  t.true(isGrowing(rising(8, 1), {minGrowthBytes: 6 * MIB}));
  t.false(isGrowing(rising(8, 1), {minGrowthBytes: 6 * MIB, epsilonBytes: 16 * MIB}));
  t.false(isGrowing(rising(8, 3, 2000)));
});

for (const tau of [1, 3, 8, 15, 30])
  test(`a warm-up with a time constant of ${tau} rounds that shows to the page is no leak`, t => {
    for (const count of [8, 12, 20, 32])
      t.false(isGrowing(rising(count, 1).map((_, index) => 100 + 100 * (1 - Math.exp(-index / tau)))));
  });

test('a cache that stops to fill shortly before the end is no leak', t => {
  for (const count of [12, 20, 32])
    t.false(isGrowing(rising(count, 1).map((_, index) => 100 + 5 * Math.min(index, 0.75 * count))));
});

test('floors that are read late or early, at uneven times, are judged by their times', t => {
  const times = [0, 10, 35, 44, 60, 81, 88, 110, 121, 130, 155, 160];
  const examine = (bytesAt: (time: number) => number) =>
    examineTrend(
      times.map(time => ({timeSeconds: time, bytes: bytesAt(time) * MIB})),
      criteria,
    )?.isGrowing;
  t.true(examine(time => 100 + 0.2 * time));
  t.false(examine(time => 100 + 40 * (1 - Math.exp(-time / 80))));
});

test('a straight leak goes on as it began, though its times are known to the second only', t => {
  for (const intervalSeconds of [4.05, 4.09, 4.3, 4.5, 15.1])
    for (const started of [0, 0.2, 0.4, 0.6, 0.8]) {
      const leak = seriesOf(rising(12, 4), intervalSeconds);
      const read = leak.map(({timeSeconds, bytes}) => ({
        timeSeconds: Math.floor(timeSeconds + started),
        bytes,
      }));
      t.true(examineTrend(read, criteria)?.isGrowing, `every ${intervalSeconds} s, from ${started} s on`);
    }
});

test('a sawtooth, a single jump and a fall are no growth', t => {
  const sawtooth = rising(16, 1).map((_, index) => 100 + (index % 4) * 10);
  t.false(isGrowing(sawtooth));
  t.false(isGrowing([100, 100, 100, 100, 150, 150, 150, 150]));
  t.false(isGrowing(rising(8, -5, 200)));
});

test('flat is within minGrowth, up or down', t => {
  const flat = (values: readonly number[]) => examineTrend(seriesOf(values), criteria)?.isFlat;
  t.true(flat(rising(8, 0)));
  t.true(flat(rising(8, 1)));
  t.true(flat(rising(8, -1)));
  t.false(flat(rising(8, 2)));
  t.false(flat(rising(8, -2)));
});

test('what could have been seen grows with the noise, and is never below what minGrowth hides', t => {
  const detectable = (values: readonly number[]) =>
    examineTrend(seriesOf(values), criteria)?.detectableBytesPerHour ?? Number.NaN;
  const hidden = (8 * MIB * 3600) / (7 * 15);
  t.true(Math.abs(detectable(rising(8, 0)) - hidden) < 1);
  t.true(detectable([100, 180, 90, 170, 110, 160, 95, 175]) > 2 * hidden);
});

test('floors that were read too high hide no leak', t => {
  const wild = rising(12, 3).with(4, 190).with(8, 150);
  t.true(examineTrend(seriesOf(wild), criteria)?.isGrowing);
});
