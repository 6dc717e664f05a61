/** Time as a parameter: everything that waits or dates something is given one. */
export type Clock = {
  /** Milliseconds since 1970; may jump when the machine's clock is set. */
  now: () => number;
  /** Milliseconds that only ever grow; for durations. */
  monotonic: () => number;
  /** Calls back once after so many milliseconds; the answer cancels it. */
  after: (milliseconds: number, callback: () => void) => () => void;
};

/** Timers longer than this fire at once in Node: 2^31 - 1 milliseconds, some 24 days. */
const LONGEST_TIMER_MS = 2_147_483_647;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (milliseconds, callback) => {
    const timer = setTimeout(callback, Math.min(Math.max(0, milliseconds), LONGEST_TIMER_MS));
    return () => clearTimeout(timer);
  },
};

/** Resolves after so many milliseconds, or earlier when the signal is aborted. Never rejects. */
export const sleep = (clock: Clock, milliseconds: number, signal?: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (signal?.aborted) return resolve();
    const finish = () => {
      cancel();
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const cancel = clock.after(milliseconds, finish);
    signal?.addEventListener('abort', finish, {once: true});
  });

/** What it resolves with, or undefined when that takes longer. */
export const waitAtMost = async <T>(
  clock: Clock,
  milliseconds: number,
  promise: Promise<T>,
): Promise<T | undefined> => {
  const over = new AbortController();
  try {
    return await Promise.race([promise, sleep(clock, milliseconds, over.signal).then(() => undefined)]);
  } finally {
    over.abort();
  }
};
