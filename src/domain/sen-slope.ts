import type {SeriesPoint} from './curvature.ts';

/** Sen's slope: the median of the slopes between all pairs, in bytes a second. One odd value moves it little. */
export const senSlope = (series: readonly SeriesPoint[]): number => median(pairSlopes(series));

export const pairSlopes = (series: readonly SeriesPoint[]): number[] =>
  series.flatMap((from, index) =>
    series.slice(index + 1).map(to => (to.bytes - from.bytes) / (to.timeSeconds - from.timeSeconds)),
  );

/** 0 of nothing. */
export const median = (values: readonly number[]): number => {
  const sorted = Float64Array.from(values).sort();
  const [low, high] = [
    sorted[Math.floor((sorted.length - 1) / 2)],
    sorted[Math.ceil((sorted.length - 1) / 2)],
  ];
  return low === undefined || high === undefined ? 0 : (low + high) / 2;
};
