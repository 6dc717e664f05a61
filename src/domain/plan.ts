import {computeExhaustedBytes} from './epsilon.ts';
import type {StopCause} from './evidence.ts';
import {present} from './present.ts';
import type {CgroupVersion} from './sample.ts';
import type {Method} from './settings.ts';
import {type Bytes, KIB, MIB} from './units.ts';

export const MIN_STEP_BYTES = MIB;
/** Below it an allocation of the target between two looks could meet the boundary. */
const MIN_MARGIN_BYTES = 16 * MIB;
/** For dry passes, and for pages that are read back while the squeeze goes on. */
const CAP_RESERVE_BYTES = 16 * MIB;
/** So many passes that took nothing end a squeeze: MGLRU may need one or two to age its generations first. */
const MAX_DRY_PASSES = 3;
/** A pass is dry when it took less than this share of what it asked for. */
const DRY_SHARE = 0.05;
/** Method Reclaim asks for no less: the kernel's own batches are not much smaller, and each request is a pass. */
const MIN_REQUEST_BYTES = 4 * MIB;
/** Where a reclaim has nothing left to take: it meets no wall, so it goes to the last pages. */
const NEXT_TO_NOTHING_BYTES = 64 * KIB;
/**
 * A limit that no pod can be shrunk to, whatever it frees meanwhile: the kernel takes all that it can, answers EBUSY and
 * leaves the old limit as it was (page_counter_set_max). Written only where nothing can be swapped.
 */
export const UNREACHABLE_LIMIT_BYTES = 4 * KIB;

export type PressingMethod = Exclude<Method, 'Observe'>;

/** What is known before the first step. With method Reclaim usage and takeable are the container's, else the pod's. */
export type SqueezeFacts = {
  method: PressingMethod;
  version: CgroupVersion;
  stepSizeBytes: Bytes;
  /** `maxSize` of the spec; absent: takeable + one step + 16 MiB. */
  maxSizeBytes?: Bytes;
  epsilonBytes: Bytes;
  /** File lists of the pod, without anon: the planner never aims at what would have to be swapped. */
  takeableBytes: Bytes;
  /** Usage of the boundary, the pod's cgroup. */
  usageBytes: Bytes;
  /** The pod's hard limit; absent or Infinity: none. */
  limitBytes?: Bytes;
  /** The pod's memory.high as it is (v2); absent or Infinity: none. Ours is never above it. */
  currentHighBytes?: Bytes;
  /** Largest rise of the target's usage within one guard interval, as seen during the baseline. */
  largestRiseBytes?: Bytes;
  /** Whether the node has swap and the pod may use it. */
  swapPossible: boolean;
};

export type SqueezePlan = {
  method: PressingMethod;
  version: CgroupVersion;
  stepSizeBytes: Bytes;
  capBytes: Bytes;
  marginBytes: Bytes;
  /** Where nothing takeable is left. */
  exhaustedBytes: Bytes;
  /** v2: the temporary memory.high of the pod for this squeeze. */
  highBytes?: Bytes;
  swapPossible: boolean;
};

export type Stop = {kind: 'stop'; cause: StopCause; guard?: string};
export type Inflate = {
  kind: 'inflate';
  /**
   * What the balloon holds after this step, in all. May be what it holds now: then only the limit presses. With method
   * Reclaim what the kernel was asked for in all.
   */
  bytes: Bytes;
  /** What this step should take from the pod; 0 while the boundary is still ahead. */
  expectedBytes: Bytes;
  /** v1: the limit to shrink to, at once put back. */
  limitBytes?: Bytes;
};
export type NextStep = Inflate | Stop;

export type SqueezeState = {
  plan: SqueezePlan;
  inflatedBytes: Bytes;
  steps: number;
  dryPasses: number;
  /** Pages that are read back as soon as they are taken would hide that nothing new was taken. */
  lowestTakeableBytes: Bytes;
};

/** What is known before each further step. */
export type StepFacts = {
  takeableBytes: Bytes;
  usageBytes: Bytes;
  limitBytes?: Bytes;
  /** Rise of the target's swap since the squeeze began. Absent: not counted. */
  swapRiseBytes?: Bytes;
  /** A guard of the agent or of the balloon that tripped. */
  guard?: string;
};

/** Name of the guard that keeps the balloon away from the pod's own limit. */
export const HEADROOM_GUARD = 'headroom';

/**
 * What comes into a pod before anything is asked: the cgroup with its records, some of each charged to the pod by the kernel
 * for every CPU (since 5.9; with method Reclaim too), and a worker with its page tables and its stack.
 */
const MIN_ROOM_BYTES = 4 * MIB;

/**
 * Whether that fits: in a pod at its limit, with nothing there that the kernel could take, the first page charged is an OOM
 * kill, and the target whom it meets. Room that is not known is none, where there is a limit.
 */
export const hasRoomToEnter = ({
  limitBytes = Number.POSITIVE_INFINITY,
  usageBytes,
  takeableBytes,
}: Pick<SqueezeFacts, 'limitBytes' | 'takeableBytes'> & {usageBytes?: Bytes}): boolean =>
  limitBytes === Number.POSITIVE_INFINITY ||
  (usageBytes !== undefined && limitBytes - usageBytes + takeableBytes >= MIN_ROOM_BYTES);

/** The frame of one squeeze, or why it must not begin. */
export const planSqueeze = (facts: SqueezeFacts): SqueezeState | Stop => {
  const stepSizeBytes = firstStep(facts);
  const marginBytes = Math.max(stepSizeBytes, 2 * (facts.largestRiseBytes ?? 0), MIN_MARGIN_BYTES);
  const isReclaim = facts.method === 'Reclaim';
  const exhaustedBytes = isReclaim ? NEXT_TO_NOTHING_BYTES : computeExhaustedBytes(facts.epsilonBytes);
  const highBytes =
    facts.version === 2 && !isReclaim ? chooseHigh(facts, stepSizeBytes, marginBytes) : undefined;
  if (facts.takeableBytes <= exhaustedBytes) return {kind: 'stop', cause: 'Exhausted'};
  if (!hasRoom(facts, highBytes)) return {kind: 'stop', cause: 'Guard', guard: HEADROOM_GUARD};
  // What is read back may be asked for again; nothing is held, and dry passes end it.
  const leastCap = isReclaim
    ? Number.POSITIVE_INFINITY
    : facts.takeableBytes + stepSizeBytes + CAP_RESERVE_BYTES;
  const plan: SqueezePlan = {
    method: facts.method,
    version: facts.version,
    stepSizeBytes,
    capBytes: facts.maxSizeBytes ?? leastCap,
    marginBytes,
    exhaustedBytes,
    ...present({highBytes}),
    swapPossible: facts.swapPossible,
  };
  return {plan, inflatedBytes: 0, steps: 0, dryPasses: 0, lowestTakeableBytes: facts.takeableBytes};
};

/** Small steps near the pod's limit: they need less room, and a smaller margin is soon enough. */
const firstStep = (facts: SqueezeFacts): Bytes => {
  const {stepSizeBytes, limitBytes, usageBytes, takeableBytes} = facts;
  if (facts.method === 'Reclaim') return chooseRequest(stepSizeBytes, takeableBytes);
  const room = Math.max(0, (limitBytes ?? Number.POSITIVE_INFINITY) - usageBytes);
  return clampStep(Math.min(stepSizeBytes, takeableBytes / 2, Math.max(room, MIN_MARGIN_BYTES) / 4));
};

/** Half of what is left, so that the last requests are small ones and the picture has points there. */
const chooseRequest = (stepSizeBytes: Bytes, takeableBytes: Bytes): Bytes =>
  clampStep(Math.min(stepSizeBytes, Math.max(MIN_REQUEST_BYTES, takeableBytes / 2)));

/** Whole MiB: the balloon populates so much with one call. */
const clampStep = (bytes: Bytes): Bytes => Math.max(MIN_STEP_BYTES, Math.floor(bytes / MIB) * MIB);

/**
 * One step above the usage, so that the first step finds the boundary and not a wall; and never within a margin of the
 * pod's memory.max: high never kills, so all pressure on v2 comes from it (docs/adr/0002).
 */
const chooseHigh = (facts: SqueezeFacts, step: Bytes, margin: Bytes): Bytes =>
  floorToPage(
    Math.min(
      facts.usageBytes + step,
      (facts.limitBytes ?? Number.POSITIVE_INFINITY) - margin,
      facts.currentHighBytes ?? Number.POSITIVE_INFINITY,
    ),
  );

const floorToPage = (bytes: number): Bytes => Math.max(0, Math.floor(bytes / (4 * KIB)) * 4 * KIB);

/**
 * Where memory.high would lie below the usage the kernel is asked for the difference first: at most half of what there is
 * to take, so that it can be had. v1 needs no such room: near the limit its steps only shrink, and what they take
 * is the target's to use again.
 */
const hasRoom = ({usageBytes, takeableBytes}: SqueezeFacts, highBytes: Bytes | undefined): boolean =>
  highBytes === undefined || usageBytes - highBytes <= takeableBytes / 2;

/** One more step, or why the squeeze ends. Harm first, then success, then the limits of what was asked for. */
export const planNextStep = (state: SqueezeState, facts: StepFacts): NextStep => {
  const {plan} = state;
  if (facts.guard !== undefined) return {kind: 'stop', cause: 'Guard', guard: facts.guard};
  if (facts.takeableBytes <= plan.exhaustedBytes) return {kind: 'stop', cause: 'Exhausted'};
  if (plan.swapPossible && !(facts.swapRiseBytes !== undefined && facts.swapRiseBytes <= 0))
    return {kind: 'stop', cause: 'Swap'};
  if (state.dryPasses >= MAX_DRY_PASSES) return {kind: 'stop', cause: 'Exhausted'};
  if (plan.method === 'Reclaim') return planRequest(state, facts);
  return plan.version === 2 ? planHighStep(state, facts) : planLimitStep(state, facts);
};

/** v2: what the balloon takes beyond the room below memory.high comes from the pod's takeable pages. */
const planHighStep = ({plan, inflatedBytes, dryPasses}: SqueezeState, facts: StepFacts): NextStep => {
  const room = Math.max(0, (plan.highBytes ?? 0) - facts.usageBytes);
  const wanted = dryPasses > 0 ? 0 : Math.min(plan.stepSizeBytes, room + facts.takeableBytes / 2);
  const step = Math.min(clampStep(wanted), plan.capBytes - inflatedBytes);
  if (step < MIN_STEP_BYTES) return {kind: 'stop', cause: 'Cap'};
  return {kind: 'inflate', bytes: inflatedBytes + step, expectedBytes: Math.max(0, step - room)};
};

/**
 * v1: the balloon takes a step, then the limit is shrunk by it and at once put back. While a margin of takeable pages
 * remains after the step, the shrink succeeds and the target still finds pages to reclaim. The last portion is taken with
 * a limit that cannot be reached, so that it is never tight; with swap that limit would push out everything held, so
 * there the squeeze ends before.
 */
const planLimitStep = ({plan, inflatedBytes, dryPasses}: SqueezeState, facts: StepFacts): NextStep => {
  const step =
    dryPasses > 0 ? MIN_STEP_BYTES : clampStep(Math.min(plan.stepSizeBytes, facts.takeableBytes / 2));
  const isLast = facts.takeableBytes < step + plan.marginBytes;
  if (isLast && plan.swapPossible) return {kind: 'stop', cause: 'Swap'};
  const room = (facts.limitBytes ?? Number.POSITIVE_INFINITY) - facts.usageBytes - plan.marginBytes;
  const grown = room >= step ? step : 0;
  if (inflatedBytes + grown > plan.capBytes) return {kind: 'stop', cause: 'Cap'};
  return {
    kind: 'inflate',
    bytes: inflatedBytes + grown,
    expectedBytes: isLast ? facts.takeableBytes : step,
    limitBytes: isLast ? UNREACHABLE_LIMIT_BYTES : floorToPage(facts.usageBytes + grown - step),
  };
};

/**
 * Method Reclaim: v2 is simply asked; v1 has its container's limit shrunk like a pod's in a balloon's step. Either way no
 * more than is takeable can be expected.
 */
const planRequest = ({plan, inflatedBytes}: SqueezeState, facts: StepFacts): NextStep => {
  const step = chooseRequest(plan.stepSizeBytes, facts.takeableBytes);
  const isLast = facts.takeableBytes < step + plan.marginBytes;
  if (plan.version === 1 && isLast && plan.swapPossible) return {kind: 'stop', cause: 'Swap'};
  const wanted = plan.version === 1 && isLast ? facts.takeableBytes : step;
  if (inflatedBytes + wanted > plan.capBytes) return {kind: 'stop', cause: 'Cap'};
  const request = (bytes: Bytes): Inflate => ({
    kind: 'inflate',
    bytes: inflatedBytes + bytes,
    expectedBytes: Math.min(bytes, facts.takeableBytes),
  });
  if (plan.version === 2) return request(wanted);
  return isLast
    ? {...request(wanted), limitBytes: UNREACHABLE_LIMIT_BYTES}
    : {...request(wanted), limitBytes: floorToPage(facts.usageBytes - step)};
};

/** The state after a step; `takeableBytes` is what the pod still has after it. */
export const recordStep = (state: SqueezeState, step: Inflate, takeableBytes: Bytes): SqueezeState => ({
  ...state,
  inflatedBytes: step.bytes,
  steps: state.steps + 1,
  dryPasses: countDryPasses(state, step.expectedBytes, takeableBytes),
  lowestTakeableBytes: Math.min(state.lowestTakeableBytes, takeableBytes),
});

/** A step that still had room below the boundary says nothing. */
const countDryPasses = (state: SqueezeState, expectedBytes: Bytes, takeableBytes: Bytes): number => {
  if (expectedBytes === 0) return state.dryPasses;
  const takenBytes = state.lowestTakeableBytes - takeableBytes;
  return takenBytes < expectedBytes * DRY_SHARE ? state.dryPasses + 1 : 0;
};
