import type {Sample} from '../../src/domain/sample.ts';
import {MIB} from '../../src/domain/units.ts';

/** A container of 100 MiB, 60 of them lazily freed, with 10 MiB of page cache and 2 of tmpfs. */
export const makeSample = (change: Partial<Sample> = {}): Sample => ({
  timeMilliseconds: 0,
  version: 2,
  anonBytes: 100 * MIB,
  swapBytes: 0,
  swapCachedBytes: 0,
  shmemBytes: 2 * MIB,
  fileBytes: 12 * MIB,
  activeAnonBytes: 20 * MIB,
  inactiveAnonBytes: 22 * MIB,
  activeFileBytes: 4 * MIB,
  inactiveFileBytes: 66 * MIB,
  pglazyfreed: 1000,
  pgscan: 0,
  eventsHigh: 0,
  eventsMax: 0,
  workingsetRefaultFile: 0,
  ...change,
});

/** The same container without its first so many lazily freed bytes, as the kernel counts it. */
export const takeLazilyFreed = (sample: Sample, bytes: number): Sample => ({
  ...sample,
  anonBytes: sample.anonBytes - bytes,
  inactiveFileBytes: sample.inactiveFileBytes - bytes,
  ...(sample.version === 2 && {pglazyfreed: (sample.pglazyfreed ?? 0) + bytes / 4096}),
});
