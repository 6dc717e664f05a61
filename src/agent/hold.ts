import {epsilonBytes} from '../domain/epsilon.ts';
import {heldBytes, type Sample} from '../domain/sample.ts';
import {floorOf, type HoldRead} from '../domain/squeeze-result.ts';
import {type Context, watch, watchValleys} from './context.ts';
import {countSparingly} from './lazy-free-count.ts';

/** So many reads that agree show that nothing moves any more. */
const AGREEING_READS = 3;
/** Where looks came so late that no valley is known, a hold goes on for at most two more, and no longer than this. */
const MORE_HOLDS = 2;
const MOST_MORE_MILLISECONDS = 10_000;

/** Watches the floor for `holdSeconds`; with one round three reads that agree end it, with more it must cover a period. */
export const holdFloor = (context: Context): Promise<HoldRead[]> =>
  context.settings.rounds.count === 1 ? holdUntilSettled(context) : holdOverValleys(context);

const holdUntilSettled = async (context: Context): Promise<HoldRead[]> => {
  const {settings, world} = context;
  const end = world.monotonicMilliseconds() + settings.pressure.holdSeconds * 1000;
  const reads: HoldRead[] = [];
  const count = countSparingly(context);
  await watch(context, sample => {
    const read = count(sample);
    if (read) reads.push(read);
    return agree(reads, epsilonBytes(world.machine.cpus)) || world.monotonicMilliseconds() >= end;
  });
  return reads;
};

const holdOverValleys = async (context: Context): Promise<HoldRead[]> => {
  const milliseconds = context.settings.pressure.holdSeconds * 1000;
  const longestMilliseconds = milliseconds + Math.min(MORE_HOLDS * milliseconds, MOST_MORE_MILLISECONDS);
  const reads: HoldRead[] = [];
  const count = countSparingly(context);
  await watchValleys(context, {milliseconds, longestMilliseconds}, sample => {
    const read = count(sample) ?? toBound(sample, reads.at(-1));
    reads.push(read);
    return floorOf(read);
  });
  return reads;
};

/**
 * Where nobody counted, all of it may be held: too much, never too little, so that the least of them is still a floor. Most
 * often there is nothing to count but pages on their way to the lists. Not where it cannot be counted at all.
 */
const toBound = (sample: Sample, last: HoldRead | undefined): HoldRead =>
  last !== undefined && last.lazyFreeBytes === undefined ? {sample} : {sample, lazyFreeBytes: 0};

const agree = (reads: HoldRead[], epsilon: number): boolean => {
  const floors = reads
    .slice(-AGREEING_READS)
    .map(({sample, lazyFreeBytes}) => (heldBytes(sample) ?? Number.NaN) - (lazyFreeBytes ?? Number.NaN));
  return floors.length === AGREEING_READS && Math.max(...floors) - Math.min(...floors) <= epsilon;
};
