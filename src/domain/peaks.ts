import type {SeriesPoint} from './curvature.ts';
import {median} from './sen-slope.ts';
import type {Bytes} from './units.ts';

/** A floor so many standard deviations above its neighbours is no scatter of the others. */
const PEAK_DEVIATIONS = 6;
/** Of normal noise the median of what is off, times this, is the standard deviation. */
const DEVIATIONS_IN_MEDIAN = 1.4826;
/** More than so many are no exceptions. */
const MOST_PEAKS_SHARE = 0.25;

/**
 * The series without floors that stand out alone: above what was to come after the one before, and undercut by a later one
 * unless it is the last. A floor can be read too high, where a valley passed between two late looks or a burst of work lay in the
 * hold, but never too low. The first is never one, so that what fell at the beginning stays, and so does what rises and stays; as
 * does all where a quarter or more stands out. Without the last the others tell what one round fewer would have. `slope` is
 * Sen's, in bytes a second.
 */
export const withoutPeaks = (
  series: readonly SeriesPoint[],
  {slope, epsilonBytes}: {slope: number; epsilonBytes: Bytes},
): readonly SeriesPoint[] => {
  const least = Math.max(epsilonBytes, PEAK_DEVIATIONS * deviationBytes(series, slope));
  const kept: SeriesPoint[] = [];
  for (const [index, point] of series.entries()) {
    const before = kept.at(-1) ?? point;
    const expected = before.bytes + Math.max(0, slope) * (point.timeSeconds - before.timeSeconds);
    const later = Math.min(...series.slice(index + 1).map(({bytes}) => bytes));
    const most = index === series.length - 1 ? expected : Math.max(expected, later);
    if (point.bytes - most <= least) kept.push(point);
  }
  return series.length - kept.length <= MOST_PEAKS_SHARE * series.length ? kept : series;
};

/** How far floors lie from Sen's line, whatever a few of them do. */
const deviationBytes = (series: readonly SeriesPoint[], slope: number): Bytes => {
  const residuals = series.map(({timeSeconds, bytes}) => bytes - slope * timeSeconds);
  const middle = median(residuals);
  return DEVIATIONS_IN_MEDIAN * median(residuals.map(residual => Math.abs(residual - middle)));
};
