import type {Clock} from '../../src/lib/clock.ts';

/** The real clock, which a test can put forward: what was to come meanwhile comes at once. */
export type JumpClock = Clock & {jump: (milliseconds: number) => void};

type Timer = {atMs: number; callback: () => void; handle?: NodeJS.Timeout};

export const createJumpClock = (): JumpClock => {
  const timers = new Set<Timer>();
  let aheadMs = 0;
  const monotonic = () => performance.now() + aheadMs;
  const arm = (timer: Timer) => {
    clearTimeout(timer.handle);
    const fire = () => {
      timers.delete(timer);
      timer.callback();
    };
    timer.handle = setTimeout(fire, Math.max(0, Math.min(timer.atMs - monotonic(), 2 ** 31 - 1)));
  };
  return {
    now: () => Date.now() + aheadMs,
    monotonic,
    after: (milliseconds, callback) => {
      const timer: Timer = {atMs: monotonic() + milliseconds, callback};
      timers.add(timer);
      arm(timer);
      return () => {
        clearTimeout(timer.handle);
        timers.delete(timer);
      };
    },
    jump: milliseconds => {
      aheadMs += milliseconds;
      for (const timer of timers) arm(timer);
    },
  };
};
