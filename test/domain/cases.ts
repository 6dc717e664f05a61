import type {Evidence, Round} from '../../src/domain/evidence.ts';
import type {Criteria} from '../../src/domain/settings.ts';
import {KIB, MIB} from '../../src/domain/units.ts';
import type {Case} from '../../src/domain/verdict.ts';
import {DEFAULT_CRITERIA} from './settings.ts';

/** A squeeze to exhaustion of a target that holds 300 MiB, none of them lazily freed, looked at for idleness. */
export const heldEvidence = (change: Partial<Evidence> = {}): Evidence => ({
  baselineBytes: 300 * MIB,
  floorBytes: 300 * MIB,
  reclaimedBytes: 0,
  lazyFreeBytes: {min: 0, max: 0},
  lazyFreedBytes: 0,
  takeableBytes: 4 * MIB,
  fileReclaimedBytes: 3 * MIB,
  refaultedBytes: 0,
  swappedBytes: 0,
  unexplainedBytes: 0,
  allocatedBytes: 0,
  idleBytes: 10 * MIB,
  fileBytes: 4 * MIB,
  shmemBytes: 0,
  inflatedBytes: 70 * MIB,
  steps: 4,
  stopCause: 'Exhausted',
  boundaryEvents: 12,
  epsilonBytes: 512 * KIB,
  cgroupVersion: 2,
  ...change,
});

/** The same, with so many MiB on top that were lazily freed and taken back. */
export const reclaimedEvidence = (mebibytes: number, change: Partial<Evidence> = {}): Evidence =>
  heldEvidence({
    baselineBytes: (300 + mebibytes) * MIB,
    reclaimedBytes: mebibytes * MIB,
    lazyFreeBytes: {min: mebibytes * MIB, max: mebibytes * MIB},
    lazyFreedBytes: mebibytes * MIB,
    takeableBytes: (4 + mebibytes) * MIB,
    ...change,
  });

export const makeCase = (
  evidence: Evidence,
  change: Partial<Omit<Case, 'criteria'>> & {criteria?: Partial<Criteria>} = {},
): Case => {
  const {criteria, ...rest} = change;
  return {
    method: 'Balloon',
    rounds: {count: 1, intervalSeconds: 15, stopEarly: false},
    evidence,
    ...rest,
    criteria: {...DEFAULT_CRITERIA, ...criteria},
  };
};

/** Rounds 15 s apart with these floors. */
export const makeRounds = (floorMebibytes: readonly number[], change: Partial<Round> = {}): Round[] =>
  floorMebibytes.map((floor, index) => ({
    floorBytes: floor * MIB,
    reclaimedBytes: 0,
    unexplainedBytes: 0,
    stopCause: 'Exhausted',
    time: `2026-01-02T03:${String(Math.floor(index / 4)).padStart(2, '0')}:${String((index % 4) * 15).padStart(2, '0')}Z`,
    ...change,
  }));

/** A probe of as many rounds as there are floors; the single numbers are the first round's. */
export const makeSeries = (
  floorMebibytes: readonly number[],
  change: {
    evidence?: Partial<Evidence>;
    criteria?: Partial<Criteria>;
    rounds?: Round[];
    stopEarly?: boolean;
  } = {},
): Case => {
  const rounds = change.rounds ?? makeRounds(floorMebibytes);
  return makeCase(heldEvidence({floorBytes: (floorMebibytes[0] ?? 0) * MIB, rounds, ...change.evidence}), {
    rounds: {count: rounds.length, intervalSeconds: 15, stopEarly: change.stopEarly ?? false},
    criteria: change.criteria ?? {},
  });
};

export const without = <T extends object, Key extends keyof T>(from: T, ...keys: Key[]): Omit<T, Key> =>
  Object.fromEntries(Object.entries(from).filter(([key]) => !keys.includes(key as Key))) as Omit<T, Key>;
