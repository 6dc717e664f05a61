import type {Clock} from '../lib/clock.ts';

/**
 * The right to act as the leader. It runs out by itself, by this process's own monotonic clock, long before anybody else may
 * take the lease: also while the process is stopped, or waits for an answer that does not come.
 */
export type Lead = {
  /** Milliseconds for which nobody else can lead; 0: this process does not, or does not any more. */
  leftMs: () => number;
  /** The lease was written by a request that was sent at this time (clock.monotonic). */
  renewed: (sentMs: number) => void;
  /** Gives the right up for good. */
  end: () => void;
};

export const createLead = (clock: Clock, renewDeadlineSeconds: number): Lead => {
  let untilMs = Number.NEGATIVE_INFINITY;
  let ended = false;
  return {
    leftMs: () => (ended ? 0 : Math.max(0, untilMs - clock.monotonic())),
    renewed: sentMs => {
      untilMs = sentMs + renewDeadlineSeconds * 1000;
    },
    end: () => {
      ended = true;
    },
  };
};
