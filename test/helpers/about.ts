import type {ExecutionContext} from 'ava';

const MIB = 1024 * 1024;

/** To the MiB: what the counters of the kernel are good for. */
export const isAbout = (t: ExecutionContext, bytes: number | undefined, expected: number): void => {
  t.true(Math.abs((bytes ?? Number.NaN) - expected) <= MIB, `${bytes} is not within 1 MiB of ${expected}`);
};
