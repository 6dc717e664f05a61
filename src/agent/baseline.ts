import {present} from '../domain/present.ts';
import {heldBytes, type Sample} from '../domain/sample.ts';
import {type Context, watch, watchValleys} from './context.ts';
import type {Look} from './target.ts';

/** The target before any pressure. */
export type Baseline = {
  samples: Sample[];
  /** By how much a valley may lie below the least of them; only where valleys were watched. */
  hiddenBytes?: number;
  last: Look;
  lazyFreeBytes?: number;
  /** Largest rise of its usage from one look to the next: what it may want between two looks of a guard. */
  largestRiseBytes: number;
};

const BASELINE_MILLISECONDS = 1000;

/** Watches the target at 20 Hz: for one second; before one of several squeezes as long as the hold, valley against valley. */
export const takeBaseline = async (context: Context): Promise<Baseline> => {
  const samples: Sample[] = [];
  const hiddenBytes = await watchBaseline(context, samples);
  const lazyFreeBytes = context.target.sumLazyFreeBytes();
  const last = context.target.look();
  samples.push(last.target);
  return {
    samples,
    last,
    ...present({hiddenBytes, lazyFreeBytes}),
    largestRiseBytes: findLargestRise(samples),
  };
};

const watchBaseline = async (context: Context, samples: Sample[]): Promise<number | undefined> => {
  const {rounds, pressure} = context.settings;
  if (rounds.count === 1)
    return void (await watch(context, sample => {
      samples.push(sample);
      return sample.timeMilliseconds - (samples[0]?.timeMilliseconds ?? 0) >= BASELINE_MILLISECONDS;
    }));
  const milliseconds = Math.max(BASELINE_MILLISECONDS, pressure.holdSeconds * 1000);
  // Not longer: the balance allows for what is not known, and the floor is not read here.
  return watchValleys(context, {milliseconds, longestMilliseconds: milliseconds}, sample => {
    samples.push(sample);
    return heldBytes(sample);
  });
};

const findLargestRise = (samples: Sample[]): number =>
  samples.reduce((largest, {usageBytes = 0}, index) => {
    const before = samples[index - 1]?.usageBytes ?? usageBytes;
    return Math.max(largest, usageBytes - before);
  }, 0);
