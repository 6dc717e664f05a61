import fc from 'fast-check';
import {ROLES, type Role} from './balloon-processes.ts';

/** Who is killed, in this order, and when: so long after the balloon's cgroup was there, or after the first step. */
export type Strike = {victims: Role[]; after: 'start' | 'step'; milliseconds: number};

/** Start and baseline take about a second; the squeeze and what follows somewhat longer. */
const LATEST_MILLISECONDS = {start: 1100, step: 1400};

const victims = fc.oneof(
  fc.constantFrom<Role[]>(['agent'], ['guardian'], ['agent', 'guardian']),
  // Balloon, or both: all that there is. The order decides who may still put right what.
  fc.shuffledSubarray<Role>(['guardian', 'helper', 'worker'], {minLength: 3}),
  fc.shuffledSubarray<Role>([...ROLES], {minLength: 4}),
  fc.shuffledSubarray<Role>([...ROLES], {minLength: 1}),
);

const strike = fc
  .tuple(victims, fc.constantFrom('start' as const, 'step' as const, 'step' as const), fc.nat(10_000))
  .map(
    ([who, after, share]): Strike => ({
      victims: who,
      after,
      milliseconds: Math.round((share / 10_000) * LATEST_MILLISECONDS[after]),
    }),
  );

/** The same ones for the same seed. */
export const drawStrikes = (count: number, seed: number): Strike[] =>
  fc.sample(fc.noBias(strike), {numRuns: count, seed});
