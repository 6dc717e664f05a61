import type {Clock} from '../lib/clock.ts';

/** The header has whole seconds, and takes a while to arrive: less than this says nothing. */
const NOISE_MS = 2000;

export type ServerClock = {
  /** `now` is the API server's time. */
  clock: Clock;
  /** Takes the header `date` of an answer into account. */
  note: (date: string) => void;
};

/**
 * The given clock, put right by the API server's. Creation and deletion times are the API server's: on a machine whose
 * clock is a minute ahead, every pod would look as if its grace period were long over.
 */
export const createServerClock = (clock: Clock): ServerClock => {
  let offsetMs = 0;
  return {
    clock: {...clock, now: () => clock.now() + offsetMs},
    note: date => {
      const seenMs = Date.parse(date) + 500 - clock.now();
      if (Math.abs(seenMs - offsetMs) > NOISE_MS) offsetMs = seenMs;
    },
  };
};
