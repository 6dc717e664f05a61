export type Backoff = {baseMs: number; capMs: number};

/**
 * How long to wait before the attempt that follows so many failures: doubles each time up to the cap, and is
 * spread over its upper half so that many clients that failed together do not come back together.
 */
export const backoffMs = ({baseMs, capMs}: Backoff, failures: number, random: () => number): number => {
  const full = Math.min(capMs, baseMs * 2 ** Math.min(failures, 32));
  return full / 2 + (full / 2) * random();
};
