/**
 * Floors as programs might leave them, in MiB, one a round: what the rules on growth are tried on. Each is drawn from a seed,
 * so that every run sees the same.
 */
import {examineTrend, type Trend, type TrendCriteria} from '../../src/domain/trend.ts';
import {KIB, MIB} from '../../src/domain/units.ts';

export type Chance = {uniform: () => number; normal: () => number};

/** What is known of a signal: a leak, none, or none that a series of floors could tell from one. */
export type Kind = 'leak' | 'none' | 'alike';
export type Signal = {
  kind: Kind;
  name: string;
  /** The true growth, MiB a round, where there is one. */
  perRound?: number;
  draw: (chance: Chance, count: number) => number[];
};

/** mulberry32 and Box-Muller. */
export const makeChance = (seed: number): Chance => {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return {uniform, normal};
};

type Curve = (chance: Chance, count: number) => (index: number) => number;

const sequence = (count: number, valueAt: (index: number) => number): number[] =>
  Array.from({length: count}, (_, index) => valueAt(index));

/** 1000 MiB, a curve on top, and independent noise. */
const noisy =
  (deviation: number, makeCurve: Curve): Signal['draw'] =>
  (chance, count) => {
    const curve = makeCurve(chance, count);
    return sequence(count, index => 1000 + curve(index) + deviation * chance.normal());
  };

/** Noise that remembers: AR(1). */
const remembering =
  (memory: number, deviation: number, drift: number): Signal['draw'] =>
  (chance, count) => {
    let noise = deviation * chance.normal();
    return sequence(count, index => {
      noise = memory * noise + deviation * Math.sqrt(1 - memory ** 2) * chance.normal();
      return 1000 + drift * index + noise;
    });
  };

const walking =
  (deviation: number): Signal['draw'] =>
  (chance, count) => {
    let value = 1000;
    return sequence(count, () => {
      value += deviation * chance.normal();
      return value;
    });
  };

/** The valley of a sawtooth that rises by `rise` from look to look: of several periods in a hold the least. */
const valleys =
  (rise: number, periods: number, curve: (index: number, count: number) => number): Signal['draw'] =>
  ({uniform}, count) =>
    sequence(
      count,
      index => 100 + curve(index, count) + rise * Math.min(...Array.from({length: periods}, uniform)),
    );

/** One floor in ten is read too high, since a valley passed unseen or a burst of work lay in the hold. */
const withPeaks =
  (draw: Signal['draw']): Signal['draw'] =>
  (chance, count) =>
    draw(chance, count).map(value => (chance.uniform() < 0.1 ? value + 25 * chance.uniform() : value));

const warmUp = (tau: number, deviation: number): Signal['draw'] =>
  noisy(deviation, () => index => 200 * (1 - Math.exp(-index / tau)));

/** Floors that are read somewhere in a slow period, which begins anywhere. */
const sawtooth = (period: number): Signal['draw'] =>
  noisy(1, ({uniform}) => {
    const phase = uniform();
    return index => 200 * ((index / period + phase) % 1);
  });
const wave = (period: number): Signal['draw'] =>
  noisy(2, ({uniform}) => {
    const phase = uniform();
    return index => 100 * Math.sin(2 * Math.PI * (index / period + phase));
  });

const filling = (share: number, deviation: number): Signal['draw'] =>
  noisy(deviation, (_, count) => index => 100 * Math.min(1, index / (share * (count - 1))));

const steps = (number: number): Signal['draw'] =>
  noisy(3, ({uniform}, count) => {
    const times = Array.from({length: number}, () => uniform() * (count - 1));
    return index => 60 * times.filter(time => index > time).length;
  });

/** A load that rises for a part of the time, and stays. */
const ramp: Signal['draw'] = noisy(5, ({uniform}, count) => {
  const begin = uniform() * 0.4;
  const length = 0.1 + uniform() * 0.3;
  return index => 150 * Math.min(1, Math.max(0, (index / (count - 1) - begin) / length));
});

const leak = (perRound: number, deviation: number): Signal => ({
  kind: 'leak',
  name: `leak ${perRound} MiB a round, noise ${deviation} MiB`,
  perRound,
  draw: noisy(deviation, () => index => perRound * index),
});

export const SIGNALS: readonly Signal[] = [
  {kind: 'none', name: 'noise 0.5 %', draw: noisy(5, () => () => 0)},
  {kind: 'none', name: 'noise 2 %', draw: noisy(20, () => () => 0)},
  {kind: 'none', name: 'AR(1) rho 0.9, 0.5 %', draw: remembering(0.9, 5, 0)},
  {kind: 'none', name: 'AR(1) rho 0.9, 2 %', draw: remembering(0.9, 20, 0)},
  {kind: 'none', name: 'AR(1) rho 0.5, 2 %', draw: remembering(0.5, 20, 0)},
  {kind: 'none', name: 'random walk, 1 % a round', draw: walking(10)},
  {kind: 'none', name: 'random walk, 3 % a round', draw: walking(30)},
  {kind: 'none', name: 'one step of 60 MiB', draw: steps(1)},
  {kind: 'none', name: 'two steps', draw: steps(2)},
  {kind: 'none', name: 'three steps', draw: steps(3)},
  {kind: 'none', name: 'load ramp over 10 to 40 %', draw: ramp},
  {kind: 'none', name: 'filling, full at 25 %', draw: filling(0.25, 2)},
  {kind: 'none', name: 'filling, full at 50 %', draw: filling(0.5, 5)},
  {kind: 'none', name: 'filling, full at 70 %', draw: filling(0.7, 5)},
  {kind: 'none', name: 'warm-up +20 %, tau 4, exact', draw: warmUp(4, 0)},
  {kind: 'none', name: 'warm-up +20 %, tau 4, noise 0.5 %', draw: warmUp(4, 5)},
  {kind: 'none', name: 'warm-up +20 %, tau 8, exact', draw: warmUp(8, 0)},
  {kind: 'none', name: 'warm-up +20 %, tau 15, exact', draw: warmUp(15, 0)},
  {kind: 'none', name: 'warm-up +20 %, tau 30, exact', draw: warmUp(30, 0)},
  {kind: 'none', name: 'valleys of a sawtooth', draw: valleys(5, 2, () => 0)},
  {
    kind: 'none',
    name: 'valleys, warm-up tau n/4',
    draw: valleys(5, 2, (index, n) => n * (1 - Math.exp((-4 * index) / n))),
  },
  {
    kind: 'none',
    name: 'valleys, full at 50 %',
    draw: valleys(5, 2, (index, n) => n * Math.min(1, (2 * index) / n)),
  },
  {kind: 'none', name: 'sawtooth, period 6 rounds', draw: sawtooth(6)},
  {kind: 'none', name: 'noise 0.5 %, and peaks', draw: withPeaks(noisy(5, () => () => 0))},
  {kind: 'none', name: 'random walk, 1 % a round, and peaks', draw: withPeaks(walking(10))},
  {kind: 'none', name: 'filling, full at 50 %, and peaks', draw: withPeaks(filling(0.5, 0.5))},
  {kind: 'none', name: 'warm-up +20 %, tau 4, and peaks', draw: withPeaks(warmUp(4, 0.5))},
  {kind: 'none', name: 'valleys of a sawtooth, and peaks', draw: withPeaks(valleys(1, 2, () => 0))},
  {
    kind: 'none',
    name: 'valleys, warm-up tau n/4, and peaks',
    draw: withPeaks(valleys(1, 2, (index, n) => n * (1 - Math.exp((-4 * index) / n)))),
  },
  {
    kind: 'none',
    name: 'valleys, full at 50 %, and peaks',
    draw: withPeaks(valleys(1, 2, (index, n) => n * Math.min(1, (2 * index) / n))),
  },
  ...[10, 16, 24, 40, 80].map(
    (period): Signal => ({
      kind: 'alike',
      name: `sawtooth, period ${period} rounds`,
      draw: sawtooth(period),
    }),
  ),
  ...[10, 24, 40].map(
    (period): Signal => ({kind: 'alike', name: `wave, period ${period} rounds`, draw: wave(period)}),
  ),
  {kind: 'alike', name: 'warm-up +20 %, tau 15, and peaks', draw: withPeaks(warmUp(15, 0.5))},
  {kind: 'alike', name: 'filling, full at 90 %', draw: filling(0.9, 2)},
  {kind: 'alike', name: 'warm-up +20 %, tau 8, noise 0.5 %', draw: warmUp(8, 5)},
  {kind: 'alike', name: 'warm-up +20 %, tau 15, noise 0.5 %', draw: warmUp(15, 5)},
  {kind: 'alike', name: 'warm-up +20 %, tau 30, noise 0.05 %', draw: warmUp(30, 0.5)},
  {kind: 'alike', name: 'warm-up +20 %, tau 30, noise 0.5 %', draw: warmUp(30, 5)},
  {kind: 'alike', name: 'warm-up +20 %, tau 60, noise 0.05 %', draw: warmUp(60, 0.5)},
  {kind: 'alike', name: 'warm-up +20 %, tau 60, noise 0.5 %', draw: warmUp(60, 5)},
  leak(3, 0),
  leak(5, 5),
  leak(10, 0.5),
  leak(10, 5),
  leak(30, 5),
  {
    kind: 'leak',
    name: 'leak 10 MiB a round, AR(1) rho 0.9, 2 %',
    perRound: 10,
    draw: remembering(0.9, 20, 10),
  },
  {
    kind: 'leak',
    name: 'leak 1 MiB a round, valleys read to 1 MiB',
    perRound: 1,
    draw: valleys(1, 2, index => index),
  },
  {
    kind: 'leak',
    name: 'leak 1 MiB a round, valleys read to 5 MiB',
    perRound: 1,
    draw: valleys(5, 2, index => index),
  },
  {
    kind: 'leak',
    name: 'leak 1 MiB a round, valleys read to 0.5 MiB, and peaks',
    perRound: 1,
    draw: withPeaks(valleys(0.5, 2, index => index)),
  },
];

export const CRITERIA: TrendCriteria = {alpha: 0.01, minGrowthBytes: 8 * MIB, epsilonBytes: 512 * KIB};
const INTERVAL_SECONDS = 15;

export const examine = (
  mebibytes: readonly number[],
  criteria: Partial<TrendCriteria> = {},
): Trend | undefined =>
  examineTrend(
    mebibytes.map((value, index) => ({timeSeconds: index * INTERVAL_SECONDS, bytes: value * MIB})),
    {...CRITERIA, ...criteria},
  );

export type Rates = {
  leak: number;
  flat: number;
  unclear: number;
  /** Of the flat ones: growth that is above what the verdict says it could not have missed. */
  missed: number;
};

export type Trial = {runs: number; count: number};

/** How often a signal is called what. */
export const measureRates = ({name, draw, perRound = 0}: Signal, {runs, count}: Trial): Rates => {
  const chance = makeChance([...name].reduce((seed, letter) => seed * 31 + letter.charCodeAt(0), count));
  const trends = Array.from({length: runs}, () => examine(draw(chance, count))).filter(
    trend => trend !== undefined,
  );
  const shareOf = (fits: (trend: Trend) => boolean): number => trends.filter(fits).length / runs;
  const bytesPerHour = (perRound * MIB * 3600) / INTERVAL_SECONDS;
  const isFlat = (trend: Trend): boolean => trend.isFlat && !trend.isGrowing;
  return {
    leak: shareOf(({isGrowing}) => isGrowing),
    flat: shareOf(isFlat),
    unclear: shareOf(trend => !trend.isGrowing && !trend.isFlat),
    missed: shareOf(trend => isFlat(trend) && trend.detectableBytesPerHour < bytesPerHour),
  };
};
