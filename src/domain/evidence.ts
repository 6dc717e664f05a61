import type {Bytes} from './units.ts';

/** Why a squeeze ended. Only `Exhausted` makes a floor: nothing takeable was left, or three passes took nothing. */
export type StopCause = 'Exhausted' | 'Cap' | 'Guard' | 'Stalled' | 'Swap';

/** What one squeeze left. */
export type Round = {
  floorBytes: Bytes;
  reclaimedBytes: Bytes;
  shmemBytes?: Bytes;
  kernelBytes?: Bytes;
  unexplainedBytes?: Bytes;
  stopCause: StopCause;
  /** RFC 3339, whole seconds. */
  time: string;
};

/** One point of the picture of the proof; with method Reclaim `inflatedBytes` is what the kernel was asked for so far. */
export type CurvePoint = {inflatedBytes: Bytes; targetBytes: Bytes};

/**
 * What was measured, as it stands in `status.evidence`; definitions in docs/verdict.md. A field that is absent was
 * not measured: absent is never zero.
 */
export type Evidence = {
  baselineBytes?: Bytes;
  floorBytes?: Bytes;
  reclaimedBytes?: Bytes;
  lazyFreeBytes?: {min?: Bytes; max?: Bytes};
  lazyFreedBytes?: Bytes;
  returnedBytes?: Bytes;
  takeableBytes?: Bytes;
  fileReclaimedBytes?: Bytes;
  refaultedBytes?: Bytes;
  swappedBytes?: Bytes;
  unexplainedBytes?: Bytes;
  allocatedBytes?: Bytes;
  idleBytes?: Bytes;
  protectedBytes?: Bytes;
  fileBytes?: Bytes;
  shmemBytes?: Bytes;
  kernelBytes?: Bytes;
  unevictableBytes?: Bytes;
  /** Absent where there was no balloon (method Reclaim). */
  inflatedBytes?: Bytes;
  steps?: number;
  stopCause?: StopCause;
  /** The guard that tripped, by its field in spec.guards (`maxPressurePercent`, `minNodeAvailable`, `maxCacheReclaimed`), `refaults`, or what has no field (docs/verdict.md). */
  stopGuard?: string;
  boundaryEvents?: number;
  peakPressurePercent?: number;
  epsilonBytes?: Bytes;
  targetAgeSeconds?: number;
  cgroupVersion?: 1 | 2;
  kernelVersion?: string;
  growthBytesPerHour?: number;
  detectableBytesPerHour?: number;
  /** Absent: the rounds were too few for a trend, or nothing bounds it. */
  hugePageFillBytes?: Bytes;
  rounds?: Round[];
  curve?: CurvePoint[];
};

/** Most rounds that a probe may have, and most points that its curve keeps. */
export const MAX_ROUNDS = 32;
export const MAX_CURVE_POINTS = 32;
