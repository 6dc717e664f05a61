import {computeBalance} from './balance.ts';
import type {CurvePoint, Evidence, Round} from './evidence.ts';
import {MAX_CURVE_POINTS} from './evidence.ts';
import {refaultedBytes, takenCacheBytes} from './guards.ts';
import {pickEvenly} from './pick-evenly.ts';
import type {Stop} from './plan.ts';
import {present} from './present.ts';
import {
  cacheBytes,
  heldBytes,
  lazyFreeMaxBytes,
  type Sample,
  takeableBytes,
  takeableLazyFreeBytes,
} from './sample.ts';
import type {Bytes} from './units.ts';

/** One look at the target during the hold; `lazyFreeBytes` is the sum of LazyFree over its processes. */
export type HoldRead = {sample: Sample; lazyFreeBytes?: Bytes};

/** All that was seen in one squeeze. What could not be seen is absent. */
export type SqueezeRecord = {
  /** The target's container before the squeeze: at least one second of it, at 20 Hz. */
  baseline: readonly Sample[];
  /** By how much the target may have been lower between two of these looks. */
  baselineHiddenBytes?: Bytes;
  /** Sum of LazyFree over the target's processes before the squeeze. */
  lazyFreeMinBytes?: Bytes;
  /** The target's container after the boundary had its old value back. */
  hold: readonly HoldRead[];
  /** The cgroup that was pressed: the pod's, with method Reclaim the container's, with scope Node the root. */
  pressed?: {before: Sample; after: Sample};
  /** With scope Node: what of the node's memory this is about. Absent: what the lists of that cgroup say. */
  takeableBytes?: Bytes;
  stop: Stop;
  steps: number;
  /** Absent where there was no balloon (method Reclaim). */
  inflatedBytes?: Bytes;
  curve: readonly CurvePoint[];
  /** v1: shrinks of the limit that acted. */
  limitShrinks?: number;
  peakPressurePercent?: number;
  epsilonBytes: Bytes;
  pageSizeBytes?: Bytes;
  ksmRunning?: boolean;
  processesChanged?: boolean;
  /** When the floor was reached: RFC 3339, whole seconds. */
  time: string;
};

/** What one squeeze found; without a round where there was no floor to see. */
export type SqueezeResult = {evidence: Evidence; round?: Round};

const MIN_BASELINE_MILLISECONDS = 1000;

/** The evidence of one squeeze. A number whose parts were not all seen is left out, never guessed. */
export const summarizeSqueeze = (record: SqueezeRecord): SqueezeResult => {
  const before = least(record.baseline, heldBytes);
  const floor = findFloor(record.hold);
  const sizes = summarizeSizes(record, before, floor);
  const balance = before && floor && summarizeBalance(record, before, floor.sample);
  const evidence: Evidence = {
    ...sizes,
    ...balance,
    ...(before && summarizePrediction(record, before)),
    ...summarizePressed(record),
    ...summarizeBalloon(record),
    epsilonBytes: record.epsilonBytes,
  };
  const round = summarizeRound(evidence, record, floor?.sample);
  return {evidence, ...(round && {round})};
};

/** The read of a hold that is the floor. */
export const findFloor = (hold: readonly HoldRead[]): HoldRead | undefined => least(hold, floorOf);

const least = <T>(items: readonly T[], sizeOf: (item: T) => Bytes | undefined): T | undefined =>
  items.reduce<T | undefined>((lowest, item) => {
    const [size, lowestSize] = [sizeOf(item), lowest && sizeOf(lowest)];
    return size !== undefined && (lowestSize === undefined || size < lowestSize) ? item : lowest;
  }, undefined);

/** anon + swap without what the target freed lazily meanwhile. */
export const floorOf = ({sample, lazyFreeBytes}: HoldRead): Bytes | undefined => {
  const held = heldBytes(sample);
  return held === undefined || lazyFreeBytes === undefined
    ? undefined
    : Math.max(0, held - takeableLazyFreeBytes(sample, lazyFreeBytes));
};

const summarizeSizes = (
  {baseline}: SqueezeRecord,
  before: Sample | undefined,
  floor: HoldRead | undefined,
): Evidence => {
  const watched = (baseline.at(-1)?.timeMilliseconds ?? 0) - (baseline[0]?.timeMilliseconds ?? 0);
  const baselineBytes = watched >= MIN_BASELINE_MILLISECONDS ? before && heldBytes(before) : undefined;
  const floorBytes = floor && floorOf(floor);
  const reclaimedBytes =
    baselineBytes === undefined || floorBytes === undefined
      ? undefined
      : Math.max(0, baselineBytes - floorBytes);
  return present({baselineBytes, floorBytes, reclaimedBytes});
};

/** From the least of the baseline to the least of the hold: a sawtooth compares valley with valley. */
const summarizeBalance = (record: SqueezeRecord, before: Sample, after: Sample): Evidence => {
  const {ksmRunning, processesChanged, pageSizeBytes, lazyFreeMinBytes} = record;
  const last = record.hold.at(-1)?.sample;
  const {anonFallBytes: _, ...sides} = computeBalance({
    before,
    after,
    epsilonBytes: record.epsilonBytes + Math.max(typicalRiseBytes(record), record.baselineHiddenBytes ?? 0),
    ...present({last, ksmRunning, processesChanged, pageSizeBytes, lazyFreeMinBytes}),
  });
  return sides;
};

const TYPICAL_SHARE = 0.9;

/**
 * A valley is read no better than what the target rises by from look to look: nine of ten rises are below it, so that a
 * single jump is no excuse for a gap.
 */
const typicalRiseBytes = ({baseline, hold}: SqueezeRecord): Bytes => {
  const rises = [...listRises(baseline), ...listRises(hold.map(({sample}) => sample))].sort((a, b) => a - b);
  return rises[Math.ceil(TYPICAL_SHARE * rises.length) - 1] ?? 0;
};

const listRises = (samples: readonly Sample[]): Bytes[] =>
  samples.slice(1).map((sample, index) => Math.max(0, sample.anonBytes - (samples[index]?.anonBytes ?? 0)));

const summarizePrediction = ({lazyFreeMinBytes}: SqueezeRecord, before: Sample): Evidence => ({
  lazyFreeBytes: {
    max: lazyFreeMaxBytes(before),
    ...present({min: lazyFreeMinBytes && Math.min(lazyFreeMinBytes, lazyFreeMaxBytes(before))}),
  },
  fileBytes: cacheBytes(before),
  shmemBytes: before.shmemBytes,
  cgroupVersion: before.version,
  ...present({kernelBytes: before.kernelBytes, unevictableBytes: before.unevictableBytes}),
});

const summarizePressed = (record: SqueezeRecord): Evidence => {
  const {pressed, pageSizeBytes} = record;
  if (!pressed) return {};
  const facts = {before: pressed.before, now: pressed.after, ...present({pageSizeBytes})};
  return {
    takeableBytes: record.takeableBytes ?? takeableBytes(pressed.before),
    fileReclaimedBytes: takenCacheBytes(facts),
    ...present({refaultedBytes: refaultedBytes(facts), boundaryEvents: countBoundaryEvents(record, pressed)}),
  };
};

/** memory.events high and max and pages scanned (v2), failcnt and shrinks of the limit (v1); absent where none is known. */
const countBoundaryEvents = (
  {limitShrinks}: SqueezeRecord,
  {before, after}: {before: Sample; after: Sample},
): number | undefined => {
  const rises = (['eventsHigh', 'eventsMax', 'pgscan', 'failcnt'] as const).map(counter => {
    const [from, to] = [before[counter], after[counter]];
    return from === undefined || to === undefined ? undefined : Math.max(0, to - from);
  });
  const known = [...rises, limitShrinks].filter(count => count !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, count) => sum + count, 0);
};

const summarizeBalloon = ({
  stop,
  steps,
  inflatedBytes,
  curve,
  peakPressurePercent,
}: SqueezeRecord): Evidence => ({
  stopCause: stop.cause,
  steps,
  curve: pickEvenly(curve, MAX_CURVE_POINTS),
  ...present({inflatedBytes, stopGuard: stop.guard, peakPressurePercent}),
});

const summarizeRound = (
  {floorBytes, reclaimedBytes, unexplainedBytes}: Evidence,
  {stop, time}: SqueezeRecord,
  floor: Sample | undefined,
): Round | undefined =>
  floorBytes === undefined || reclaimedBytes === undefined || !floor
    ? undefined
    : {
        floorBytes,
        reclaimedBytes,
        shmemBytes: floor.shmemBytes,
        ...present({kernelBytes: floor.kernelBytes, unexplainedBytes}),
        stopCause: stop.cause,
        time,
      };
