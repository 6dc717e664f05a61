import {formatMebibytes} from './quantity.ts';
import {cacheBytes, type Sample, swappedOutBytes} from './sample.ts';
import type {GuardSettings, Settings} from './settings.ts';
import {type Bytes, KIB, MIB} from './units.ts';

/** What the agent's own guards look at: the pod before the squeeze and now. */
export type GuardFacts = {before: Sample; now: Sample; pageSizeBytes?: Bytes};

/** A guard that tripped: its field in spec.guards, or `refaults`. */
export type Trip = {guard: string; message: string};

/** Name of the guard of page cache that is in use: it has no field in spec.guards. */
export const REFAULT_GUARD = 'refaults';
/** Share of the page cache taken that may be read back before the squeeze ends: above, it was in use. */
const MAX_REFAULT_SHARE = 0.3;
/** Reading back so little harms nobody, however large a share it is. */
const REFAULT_NOISE_BYTES = 4 * MIB;
/** What the kubelet's look every 10 s may miss. */
const EVICTION_MARGIN_BYTES = 64 * MIB;
/** The kubelet's own hard eviction threshold, where the node's reserve is not known. */
const DEFAULT_EVICTION_BYTES = 100 * MIB;

type Guard = (settings: GuardSettings, facts: GuardFacts) => Trip | undefined;

/** The first guard that trips wins. Pressure, deadline and the node's memory are watched by the guardian, from outside. */
export const checkGuards = (settings: GuardSettings, facts: GuardFacts): Trip | undefined =>
  GUARDS.reduce<Trip | undefined>((trip, guard) => trip ?? guard(settings, facts), undefined);

const guardCache: Guard = ({maxCacheReclaimedBytes}, facts) => {
  const taken = takenCacheBytes(facts);
  return taken > maxCacheReclaimedBytes
    ? {
        guard: 'maxCacheReclaimed',
        message: `${formatMebibytes(taken)} of page cache were taken, more than maxCacheReclaimed (${formatMebibytes(maxCacheReclaimedBytes)}).`,
      }
    : undefined;
};

const guardRefaults: Guard = (_, facts) => {
  const refaulted = refaultedBytes(facts);
  if (refaulted === undefined || refaulted <= REFAULT_NOISE_BYTES) return undefined;
  const taken = takenCacheBytes(facts) + refaulted;
  return refaulted > MAX_REFAULT_SHARE * taken
    ? {
        guard: REFAULT_GUARD,
        message: `${formatMebibytes(refaulted)} of the ${formatMebibytes(taken)} of page cache taken were read back at once: the cache is in use.`,
      }
    : undefined;
};

const GUARDS: readonly Guard[] = [guardCache, guardRefaults];

/** Page cache that went since `before`: lazily freed pages are anonymous and not counted. */
export const takenCacheBytes = ({before, now}: GuardFacts): Bytes =>
  Math.max(0, cacheBytes(before) - cacheBytes(now));

/**
 * The guard sees what was taken; this sees it before: of so much that is to be taken now all may be page cache, which lies on
 * the same lists as lazily freed pages. What went before counts too.
 */
export const mayTakeTooMuchCache = (
  {maxCacheReclaimedBytes}: GuardSettings,
  facts: GuardFacts,
  expectedBytes: Bytes,
): boolean =>
  expectedBytes > 0 &&
  takenCacheBytes(facts) + Math.min(expectedBytes, cacheBytes(facts.now)) > maxCacheReclaimedBytes;

/** Page cache that was taken and read back since `before`; absent where the kernel does not count it. */
export const refaultedBytes = ({before, now, pageSizeBytes = 4 * KIB}: GuardFacts): Bytes | undefined =>
  before.workingsetRefaultFile === undefined || now.workingsetRefaultFile === undefined
    ? undefined
    : Math.max(0, now.workingsetRefaultFile - before.workingsetRefaultFile) * pageSizeBytes;

/**
 * What went to swap since `before`: by the counter, or by what left memory though its place in swap was counted before, as far
 * as that is more than counters are off by. Absent where the kernel does not count it.
 */
export const swapRiseBytes = ({before, now}: GuardFacts, epsilonBytes: Bytes): number | undefined => {
  const counted = rise(before.swapBytes, now.swapBytes);
  const left = rise(swappedOutBytes(before), swappedOutBytes(now));
  if (counted === undefined || left === undefined) return undefined;
  return left > epsilonBytes ? Math.max(counted, left) : counted;
};

const rise = (from: Bytes | undefined, to: Bytes | undefined): number | undefined =>
  from === undefined || to === undefined ? undefined : to - from;

/**
 * What must stay available on the node: what the user asked for, and never less than the kubelet keeps for the system
 * and for eviction, with a margin.
 */
export const nodeFloorBytes = (
  {guards, nodeReservedBytes = DEFAULT_EVICTION_BYTES}: Pick<Settings, 'guards' | 'nodeReservedBytes'>,
  nodeCapacityBytes: Bytes,
): Bytes => {
  const {minNodeAvailable} = guards;
  const asked =
    'bytes' in minNodeAvailable
      ? minNodeAvailable.bytes
      : Math.ceil((nodeCapacityBytes * minNodeAvailable.percent) / 100);
  return Math.max(asked, nodeReservedBytes + EVICTION_MARGIN_BYTES);
};
