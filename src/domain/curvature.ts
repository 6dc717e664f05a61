import {studentUpperTail} from './student.ts';
import type {Bytes} from './units.ts';

/** One floor of a series. */
export type SeriesPoint = {timeSeconds: number; bytes: Bytes};

/** A parabola through a series, as sums of what is independent of each other: least squares. */
export type Parabola = {
  /** Bytes a second, in the middle. */
  slope: number;
  slopeError: number;
  /** Bytes a second squared: below 0 where it slows down. */
  bend: number;
  bendError: number;
  /** The parabola's slope is slope + bend x lever: at the first point and at the last. */
  firstLever: number;
  lastLever: number;
  /** Of one floor against the parabola. */
  errorBytes: Bytes;
  degrees: number;
};

/** The counters move in pages: no series is known better than that. */
const LEAST_ERROR_BYTES = 4096;
/** Nor are its times: each lies in a whole second. At even intervals these errors follow each other and look like a bend. */
const TIME_ERROR_SECONDS = 0.5;

/** Undefined where the points leave nothing over to estimate the error from. */
export const fitParabola = (series: readonly SeriesPoint[]): Parabola | undefined => {
  const degrees = series.length - 3;
  if (degrees < 1) return undefined;
  const times = subtractMean(series.map(({timeSeconds}) => timeSeconds));
  const bytes = subtractMean(series.map(point => point.bytes));
  const timeSquares = dot(times, times);
  // t^2 without what a constant and t explain of it: then slope and bend are estimated apart.
  const squares = subtractMean(times.map(time => time ** 2));
  const skew = dot(squares, times) / timeSquares;
  const bends = squares.map((square, index) => square - skew * (times[index] ?? 0));
  const bendSquares = dot(bends, bends);
  const [slope, bend] = [dot(times, bytes) / timeSquares, dot(bends, bytes) / bendSquares];
  const residuals = bytes.map(
    (value, index) => value - slope * (times[index] ?? 0) - bend * (bends[index] ?? 0),
  );
  const error = Math.max(
    LEAST_ERROR_BYTES,
    Math.abs(slope) * TIME_ERROR_SECONDS,
    Math.sqrt(dot(residuals, residuals) / degrees),
  );
  return {
    slope,
    slopeError: error / Math.sqrt(timeSquares),
    bend,
    bendError: error / Math.sqrt(bendSquares),
    firstLever: 2 * (times[0] ?? 0) - skew,
    lastLever: 2 * (times.at(-1) ?? 0) - skew,
    errorBytes: error,
    degrees,
  };
};

/** How likely so clear a slowing down would be on a straight line. */
export const slowingPValue = ({bend, bendError, degrees}: Parabola): number =>
  studentUpperTail(-bend / bendError, degrees);

/** The slope at the end as a share of that at the start; below 0 where it turns. Infinite where it starts flat or falling. */
export const endShare = ({slope, bend, firstLever, lastLever}: Parabola): number => {
  const first = slope + bend * firstLever;
  return first > 0 ? (slope + bend * lastLever) / first : Number.POSITIVE_INFINITY;
};

/** How likely it would look so lasting although the slope at the end were only `share` of that at the start. */
export const lastingPValue = (
  {slope, slopeError, bend, bendError, firstLever, lastLever, degrees}: Parabola,
  share: number,
): number => {
  const [slopeWeight, bendWeight] = [1 - share, lastLever - share * firstLever];
  const excess = slopeWeight * slope + bendWeight * bend;
  return studentUpperTail(excess / Math.hypot(slopeWeight * slopeError, bendWeight * bendError), degrees);
};

/** How likely the last third would rise so much although it stands still: a late end is no bend of the whole. */
export const lateRisePValue = (
  series: readonly SeriesPoint[],
  {errorBytes, degrees}: Pick<Parabola, 'errorBytes' | 'degrees'>,
): number => {
  const last = series.slice(-Math.ceil(series.length / 3));
  const times = subtractMean(last.map(({timeSeconds}) => timeSeconds));
  const rise = dot(
    times,
    last.map(({bytes}) => bytes),
  );
  return studentUpperTail(rise / (Math.sqrt(dot(times, times)) * errorBytes), degrees);
};

/**
 * How likely a random walk without drift would come so far: Student's t of the steps. Exact for a walk of normal steps,
 * careful for noise that forgets, and for a few large steps among small ones.
 */
export const driftPValue = (series: readonly SeriesPoint[]): number => {
  const steps = series.slice(1).map((point, index) => {
    const from = series[index] ?? point;
    return {seconds: point.timeSeconds - from.timeSeconds, bytes: point.bytes - from.bytes};
  });
  const seconds = steps.reduce((total, step) => total + step.seconds, 0);
  const drift = steps.reduce((total, step) => total + step.bytes, 0) / seconds;
  const scatter = steps.map(step => (step.bytes - drift * step.seconds) / Math.sqrt(step.seconds));
  const degrees = steps.length - 1;
  const leastError = LEAST_ERROR_BYTES / Math.sqrt(seconds / steps.length);
  const error = Math.max(leastError, Math.sqrt(dot(scatter, scatter) / degrees));
  return studentUpperTail((drift * Math.sqrt(seconds)) / error, degrees);
};

const subtractMean = (values: readonly number[]): number[] => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.map(value => value - mean);
};

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
