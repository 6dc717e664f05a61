import type {Bytes} from './units.ts';

/** One look at what rises and falls; without bytes where they were not counted then. */
export type ValleyLook = {timeMilliseconds: number; bytes?: Bytes | undefined};

/** What is known of the valleys so far. */
export type Valleys = {
  leastBytes: Bytes;
  /** How much it rose, and in what time: from look to look, without those between which it fell. */
  risenBytes: Bytes;
  risingMilliseconds: number;
  last?: ValleyLook;
  /** Where it had fallen since the look before, which was so long ago. */
  falls: readonly {bytes: Bytes; gapMilliseconds: number}[];
};

export const NO_VALLEYS: Valleys = {
  leastBytes: Number.POSITIVE_INFINITY,
  risenBytes: 0,
  risingMilliseconds: 0,
  falls: [],
};

/** Adds a look. A fall is one by more than `epsilonBytes`. */
export const addLook = (
  valleys: Valleys,
  {timeMilliseconds, bytes}: ValleyLook,
  epsilonBytes: Bytes,
): Valleys => {
  const {last, leastBytes, risenBytes, risingMilliseconds, falls} = valleys;
  const gapMilliseconds = timeMilliseconds - (last?.timeMilliseconds ?? timeMilliseconds);
  const movedBytes = bytes === undefined ? 0 : bytes - (last?.bytes ?? bytes);
  const hasFallen = bytes !== undefined && movedBytes < -epsilonBytes;
  return {
    leastBytes: Math.min(leastBytes, bytes ?? leastBytes),
    risenBytes: risenBytes + Math.max(0, movedBytes),
    risingMilliseconds: risingMilliseconds + (hasFallen ? 0 : gapMilliseconds),
    falls: hasFallen ? [...falls, {bytes, gapMilliseconds}] : falls,
    last: {timeMilliseconds, bytes: bytes ?? last?.bytes},
  };
};

/**
 * By how much the bottom of the valleys may lie below the least that was read: what it falls to between two looks rises again
 * until the second, and a look that came late found it so much higher. The valley that is known best tells, since one is as deep
 * as another; those that end above the least are others. Nothing where a look came within `lookMilliseconds`.
 */
export const hiddenBytes = (
  {leastBytes, risenBytes, risingMilliseconds, falls}: Valleys,
  lookMilliseconds: number,
): Bytes => {
  const bytesPerMillisecond = risingMilliseconds > 0 ? risenBytes / risingMilliseconds : 0;
  const hidden = falls
    .map(({bytes, gapMilliseconds}) => {
      const lateMilliseconds = Math.max(0, gapMilliseconds - lookMilliseconds);
      return leastBytes - (bytes - lateMilliseconds * bytesPerMillisecond);
    })
    .filter(bytes => bytes >= 0);
  return hidden.length === 0 ? 0 : Math.min(...hidden);
};
