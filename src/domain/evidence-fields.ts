import type {Evidence, StopCause} from './evidence.ts';

/** How a number of the evidence is written down: sizes in KiB, the rest as it is. */
export type FieldUnit = 'bytes' | 'signedBytes' | 'count' | 'percent' | 'cgroupVersion';

type NumberField = {
  [Key in keyof Evidence]-?: NonNullable<Evidence[Key]> extends number ? Key : never;
}[keyof Evidence];

/**
 * The single numbers of the evidence. The order is the termination message's: only ever append, since an operator may
 * read the message of an older agent.
 */
export const EVIDENCE_FIELDS = [
  ['baselineBytes', 'bytes'],
  ['floorBytes', 'bytes'],
  ['reclaimedBytes', 'bytes'],
  ['lazyFreedBytes', 'bytes'],
  ['returnedBytes', 'bytes'],
  ['takeableBytes', 'bytes'],
  ['fileReclaimedBytes', 'bytes'],
  ['refaultedBytes', 'bytes'],
  ['swappedBytes', 'bytes'],
  ['unexplainedBytes', 'bytes'],
  ['allocatedBytes', 'bytes'],
  ['idleBytes', 'bytes'],
  ['protectedBytes', 'bytes'],
  ['fileBytes', 'bytes'],
  ['shmemBytes', 'bytes'],
  ['kernelBytes', 'bytes'],
  ['unevictableBytes', 'bytes'],
  ['inflatedBytes', 'bytes'],
  ['epsilonBytes', 'bytes'],
  ['detectableBytesPerHour', 'bytes'],
  ['growthBytesPerHour', 'signedBytes'],
  ['steps', 'count'],
  ['boundaryEvents', 'count'],
  ['targetAgeSeconds', 'count'],
  ['peakPressurePercent', 'percent'],
  ['cgroupVersion', 'cgroupVersion'],
  ['hugePageFillBytes', 'bytes'],
] as const satisfies readonly (readonly [NumberField, FieldUnit])[];

/** In the termination message a stop cause is its place here: only ever append. */
export const STOP_CAUSES = ['Exhausted', 'Cap', 'Guard', 'Stalled', 'Swap'] as const satisfies StopCause[];

/** Whether a number is one that a field of this unit may hold. */
export const fitsUnit = (value: unknown, unit: FieldUnit): value is number =>
  typeof value === 'number' &&
  Number.isFinite(value) &&
  (unit === 'signedBytes' || value >= 0) &&
  (unit !== 'percent' || value <= 100) &&
  (unit !== 'cgroupVersion' || value === 1 || value === 2);
