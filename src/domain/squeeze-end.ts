import {REFAULT_GUARD} from './guards.ts';
import type {Stop} from './plan.ts';
import type {Bytes} from './units.ts';

export type EndFacts = {
  stop: Stop;
  /** File lists of what was pressed, after the last step. */
  takeableBytes: Bytes;
  /** Where nothing takeable is left. */
  exhaustedBytes: Bytes;
};

/**
 * A squeeze that ended because something went to swap came to its floor all the same where nothing takeable is left: what went was
 * held, and counts as held. Which of the two is seen first is chance.
 */
export const endBySwap = ({stop, takeableBytes, exhaustedBytes}: EndFacts): Stop =>
  stop.cause === 'Swap' && takeableBytes <= exhaustedBytes ? {kind: 'stop', cause: 'Exhausted'} : stop;

/** Whether the end of a squeeze hangs on what the target has freed lazily and the kernel did not take: that costs a walk. */
export const dependsOnLazyFree = ({stop, takeableBytes, exhaustedBytes}: EndFacts): boolean =>
  stop.cause === 'Exhausted' ? takeableBytes > exhaustedBytes : stop.guard === REFAULT_GUARD;

/**
 * Passes that took nothing make no floor while the target's own lazily freed pages are still there: they were not had. And page
 * cache that is in use hides no floor where none of them is left: of what the target holds nothing else could be taken.
 */
export const endByLazyFree = ({stop, exhaustedBytes}: EndFacts, lazyFreeLeftBytes: Bytes): Stop => {
  if (lazyFreeLeftBytes <= exhaustedBytes) return {kind: 'stop', cause: 'Exhausted'};
  return stop.cause === 'Exhausted' ? {kind: 'stop', cause: 'Stalled'} : stop;
};
