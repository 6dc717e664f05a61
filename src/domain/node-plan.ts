import type {Inflate, NextStep} from './plan.ts';
import {MIN_STEP_BYTES} from './plan.ts';
import {type Bytes, MIB} from './units.ts';

/** Name of the guard that keeps the node's memory: its field in spec.guards. */
export const NODE_GUARD = 'minNodeAvailable';
const CACHE_GUARD = 'maxCacheReclaimed';

/** What is known before each step of a balloon that presses the whole node. */
export type NodeStepFacts = {
  stepSizeBytes: Bytes;
  capBytes: Bytes;
  inflatedBytes: Bytes;
  /** Where nothing that the target freed lazily is left. */
  exhaustedBytes: Bytes;
  /** Upper bound of what the target has freed lazily and the kernel has not taken yet. */
  lazyFreeBytes: Bytes;
  /** What the node has available by the guardian's count, and what must stay. Absent: not known. */
  availableBytes?: Bytes;
  floorBytes: Bytes;
  /** Page cache of the node that may still be taken. */
  cacheLeftBytes: Bytes;
  swapPossible: boolean;
  /** What the node has swapped out since the squeeze began. Absent: not counted. */
  swapRiseBytes?: Bytes;
  /** A guard of the agent that tripped. */
  guard?: string;
};

/**
 * One more step, or why the squeeze ends. Only one end makes a floor: nothing that the target freed lazily is left. That
 * passes take nothing from it says nothing here, since older page cache of anybody goes first. Each step takes at most
 * half of what is left above the node's floor, so that the floor is approached and not run over.
 */
export const planNodeStep = (facts: NodeStepFacts): NextStep => {
  if (facts.guard !== undefined) return {kind: 'stop', cause: 'Guard', guard: facts.guard};
  if (facts.lazyFreeBytes <= facts.exhaustedBytes) return {kind: 'stop', cause: 'Exhausted'};
  if (facts.swapPossible && !(facts.swapRiseBytes !== undefined && facts.swapRiseBytes <= 0))
    return {kind: 'stop', cause: 'Swap'};
  const aboveFloor = (facts.availableBytes ?? 0) - facts.floorBytes;
  if (aboveFloor < 2 * MIN_STEP_BYTES) return {kind: 'stop', cause: 'Guard', guard: NODE_GUARD};
  if (facts.cacheLeftBytes < MIN_STEP_BYTES) return {kind: 'stop', cause: 'Guard', guard: CACHE_GUARD};
  if (facts.capBytes - facts.inflatedBytes < MIN_STEP_BYTES) return {kind: 'stop', cause: 'Cap'};
  return inflateBy(facts, Math.min(facts.stepSizeBytes, aboveFloor / 2, facts.cacheLeftBytes));
};

/** Whole MiB, within the cap. */
const inflateBy = ({inflatedBytes, capBytes}: NodeStepFacts, bytes: Bytes): Inflate => {
  const step = Math.max(MIN_STEP_BYTES, Math.floor(bytes / MIB) * MIB);
  return {kind: 'inflate', bytes: Math.min(capBytes, inflatedBytes + step), expectedBytes: 0};
};
