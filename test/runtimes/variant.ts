import type {Outcome} from '../../src/domain/verdict.ts';
import type {Wishes} from '../agent/agent.ts';

/** A real runtime in one of its ways to hold memory, and what a probe has to say of it. */
export type Variant = {
  runtime: string;
  /** What is special in this one, for people. */
  variant: string;
  /** The program and its arguments, inside the runtimes' root; /mnt is `programs`. */
  command: string[];
  /** Run by this machine's Node instead: the file in `programs` and its arguments. */
  isNode?: true;
  env?: Record<string, string>;
  /** What its memory has to have come to, once it is ready, before it is probed: what runs in the background takes its time. */
  settled?: {leastLazyFreeMebibytes?: number; mostResidentMebibytes?: number};
  wishes: Wishes;
  expected: Expected;
  /** False where a guest kernel would be too slow for it. */
  inGuest: boolean;
};

type Expected = {
  outcome: Exclude<Outcome, 'Inconclusive'>;
  /** One of these. */
  reasons: readonly string[];
  /**
   * A few rounds find most leaks, not each one, on a machine where the target's own pace is uneven (docs/adr/0006): then
   * the honest answer is this one.
   */
  orOpen?: 'TrendUnclear';
  /** So much the kernel took back at least. */
  leastLazilyFreedMebibytes?: number;
  /** So much shared memory the evidence names at least. */
  leastSharedMebibytes?: number;
};

const MIB = 1024 * 1024;

/** One look, with a statement of what is healthy. */
export const expecting = (mebibytes: number): Wishes => ({criteria: {expectedBytes: mebibytes * MIB}});

/** One look that ends with a look at idleness. */
export const ONE_LOOK: Wishes = {criteria: {idleSeconds: 1}};

/** The least number of squeezes that can show growth. */
export const inRounds = (intervalSeconds: number): Wishes => ({
  rounds: {count: 8, intervalSeconds},
  pressure: {holdSeconds: 0.5},
});

/** A burst of 80 MiB was freed lazily, most of it at least. */
export const FREED_LAZILY: Pick<Variant, 'settled' | 'expected'> = {
  settled: {leastLazyFreeMebibytes: 60},
  expected: {outcome: 'Reclaimable', reasons: ['ReclaimedUnderPressure'], leastLazilyFreedMebibytes: 50},
};

/** A leak, by what was said to be healthy. */
export const ABOVE_EXPECTED: Variant['expected'] = {outcome: 'Leak', reasons: ['AboveExpected']};

/** A leak, by growth alone. */
export const GROWS = {
  outcome: 'Leak',
  reasons: ['FloorGrows'],
  orOpen: 'TrendUnclear',
} as const satisfies Variant['expected'];

/** No squeeze is needed. */
export const AS_EXPECTED: Variant['expected'] = {outcome: 'Held', reasons: ['AsExpected']};

/** Not touched: one look cannot tell a leak from a cache, and has to say so. */
export const HELD_IDLE: Variant['expected'] = {outcome: 'Held', reasons: ['HeldIdle']};
