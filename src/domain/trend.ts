import {
  driftPValue,
  endShare,
  fitParabola,
  lastingPValue,
  lateRisePValue,
  type SeriesPoint,
  slowingPValue,
} from './curvature.ts';
import {withoutPeaks} from './peaks.ts';
import {criticalS, mannKendallPValue} from './rank-test.ts';
import {median, pairSlopes} from './sen-slope.ts';
import type {Bytes} from './units.ts';

export type TrendCriteria = {
  /** One-sided error of the rank test and of the test against a random walk. */
  alpha: number;
  minGrowthBytes: Bytes;
  epsilonBytes: Bytes;
};

export type Trend = {
  /** Grows beyond doubt: rank test, size, separation, no random walk and no slowing down, all of them. */
  isGrowing: boolean;
  /** The growth over the whole series is within `minGrowth`, up or down, and little more could be hidden. */
  isFlat: boolean;
  /** Over the whole series, by Sen's slope. */
  growthBytes: number;
  slopeBytesPerHour: number;
  /** No growth above this would have been missed. */
  detectableBytesPerHour: number;
  pValue: number;
};

/** Below it no rank test reaches an error of 1 % with any power to spare. */
export const MIN_SERIES_LENGTH = 8;
export const TREND_ALPHA = 0.01;
const SECONDS_PER_HOUR = 3600;
/** A growth of less than so much of the floor is no leak that anybody would look for. */
const MIN_GROWTH_SHARE = 0.02;
/**
 * The slope at the end as a share of that at the start: what must be shown, else it may be ending, and below which a slowing
 * down that shows counts. The target's age is no excuse: a cache may begin to fill at any time.
 */
const LEAST_END_SHARE = 0.3;
const SLOWED_END_SHARE = 0.9;
const LASTING_ALPHA = 0.05;
/** A leak without a bend is missed so often, no more. */
const SLOWING_ALPHA = 0.025;
/** Floors that scatter so much more than what would matter prove nothing: twice as much may be hidden, no more. */
const MAX_HIDDEN_FACTOR = 2;

/** Undefined below 8 points, and where times do not rise. */
export const examineTrend = (series: readonly SeriesPoint[], criteria: TrendCriteria): Trend | undefined => {
  const window = windowSeconds(series);
  if (series.length < MIN_SERIES_LENGTH || !timesRise(series)) return undefined;
  const slopes = pairSlopes(series);
  const slope = median(slopes);
  const steady = chooseSteady(series, slope, criteria);
  const pValue = mannKendallPValue(steady.map(({bytes}) => bytes));
  const growthBytes = slope * window;
  const leastGrowth = leastGrowthBytes(series, criteria);
  const detectable = Math.max(leastGrowth / window, upperSlope(slopes, series.length));
  return {
    isGrowing:
      pValue <= criteria.alpha &&
      growthBytes > leastGrowth &&
      isSeparated(steady) &&
      driftPValue(steady) <= criteria.alpha &&
      isLasting(steady),
    isFlat:
      Math.abs(growthBytes) <= criteria.minGrowthBytes &&
      detectable * window <= MAX_HIDDEN_FACTOR * leastGrowth,
    growthBytes,
    slopeBytesPerHour: slope * SECONDS_PER_HOUR,
    detectableBytesPerHour: detectable * SECONDS_PER_HOUR,
    pValue,
  };
};

/** Growth is looked for without peaks, rest with all: a peak may not clear anybody. */
const chooseSteady = (
  series: readonly SeriesPoint[],
  slope: number,
  {epsilonBytes}: TrendCriteria,
): readonly SeriesPoint[] => {
  const steady = withoutPeaks(series, {slope, epsilonBytes});
  return steady.length >= MIN_SERIES_LENGTH ? steady : series;
};

const windowSeconds = (series: readonly SeriesPoint[]): number =>
  (series.at(-1)?.timeSeconds ?? 0) - (series[0]?.timeSeconds ?? 0);

const timesRise = (series: readonly SeriesPoint[]): boolean =>
  series.every(
    (point, index) => index === 0 || point.timeSeconds > (series[index - 1]?.timeSeconds ?? Number.NaN),
  );

const leastGrowthBytes = (
  series: readonly SeriesPoint[],
  {epsilonBytes, minGrowthBytes}: TrendCriteria,
): Bytes => Math.max(epsilonBytes, minGrowthBytes, MIN_GROWTH_SHARE * median(series.map(({bytes}) => bytes)));

/** All of the second half lies above all of the first third: a jump back, as of a sawtooth, is no growth. */
const isSeparated = (series: readonly SeriesPoint[]): boolean => {
  const bytes = series.map(point => point.bytes);
  const firstThird = bytes.slice(0, Math.ceil(bytes.length / 3));
  return Math.min(...bytes.slice(Math.ceil(bytes.length / 2))) > Math.max(...firstThird);
};

/**
 * A leak goes on as it began: the slope at the end is shown to be a good part of that at the start, and the series does not
 * show that it is less than all but a tenth of it. A warm-up that is slower than the noise lets see passes: nothing in the
 * floors tells the two apart.
 */
const isLasting = (series: readonly SeriesPoint[]): boolean => {
  const parabola = fitParabola(series);
  if (!parabola || parabola.slope <= 0) return false;
  const isSlowing = slowingPValue(parabola) <= SLOWING_ALPHA && endShare(parabola) < SLOWED_END_SHARE;
  return (
    !isSlowing &&
    lastingPValue(parabola, LEAST_END_SHARE) <= LASTING_ALPHA &&
    lateRisePValue(series, parabola) <= LASTING_ALPHA
  );
};

/** Upper one-sided confidence limit of Sen's slope at 1 %, by the same exact distribution as the test. */
const upperSlope = (slopes: readonly number[], count: number): number => {
  const sorted = Float64Array.from(slopes).sort();
  const rank = Math.ceil((slopes.length + criticalS(count, TREND_ALPHA)) / 2);
  return sorted[Math.min(rank, sorted.length) - 1] ?? 0;
};
