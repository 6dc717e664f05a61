import {computeExhaustedBytes, epsilonBytes} from '../domain/epsilon.ts';
import type {CurvePoint} from '../domain/evidence.ts';
import {mayTakeTooMuchCache} from '../domain/guards.ts';
import {
  HEADROOM_GUARD,
  type PressingMethod,
  planSqueeze,
  type SqueezePlan,
  type SqueezeState,
  type Stop,
} from '../domain/plan.ts';
import {present} from '../domain/present.ts';
import {cacheBytes, type Sample, takeableLazyFreeBytes} from '../domain/sample.ts';
import type {Settings} from '../domain/settings.ts';
import {dependsOnLazyFree, endByLazyFree, endBySwap} from '../domain/squeeze-end.ts';
import type {Balloon} from './balloon.ts';
import type {Baseline} from './baseline.ts';
import type {Context} from './context.ts';
import {inflate, type Progress, startProgress} from './inflate.ts';
import {isSwapPossible, readBoundaryLimits} from './limits.ts';
import {type PodSqueeze, pressPod} from './pod-pressing.ts';
import {guardFactsOf, pressedOf, takeable, usageOf} from './pressed.ts';
import type {Look} from './target.ts';

/** One squeeze, from nothing to where it ended. */
export type Squeeze = {
  stop: Stop;
  steps: number;
  /** The most that the balloon held; with method Reclaim what the kernel was asked for. */
  inflatedBytes: number;
  curve: CurvePoint[];
  /** The cgroup that was pressed. */
  pressed: {before: Sample; after: Sample};
  /** With scope Node what of the node's memory this is about. */
  takeableBytes?: number;
  /** v1, scope Pod: shrinks of the limit that acted. */
  limitShrinks?: number;
};

/**
 * A busy node may hold up a step that the boundary would not have: a squeeze that stalled is begun again from where it
 * came to, but only once where it took nothing. At the wall nothing takeable is left, and that is its end.
 */
const MAX_ATTEMPTS = 6;
const MAX_FRUITLESS_ATTEMPTS = 2;

/** Inflates step by step until nothing takeable is left, a guard trips or the cap is reached. */
export const squeeze = async (
  context: Context,
  balloon: Balloon,
  baseline: Baseline,
  round: number,
): Promise<Squeeze> => {
  const {settings, target} = context;
  const before = baseline.last;
  const progress: Progress & PodSqueeze = {...startProgress(round, before), before, limitShrinks: 0};
  const end = await attempt(context, balloon, baseline, progress);
  const stop = await conclude(context, balloon, progress.look, end);
  return {
    stop,
    steps: progress.steps,
    inflatedBytes: progress.largestBytes,
    curve: progress.curve,
    pressed: {before: pressedOf(settings, before), after: pressedOf(settings, progress.look)},
    ...(target.cgroup.version === 1 && {limitShrinks: progress.limitShrinks}),
  };
};

const conclude = async (
  {settings, world, target}: Context,
  balloon: Balloon,
  look: Look,
  stop: Stop,
): Promise<Stop> => {
  const exhaustedBytes = computeExhaustedBytes(epsilonBytes(world.machine.cpus));
  const facts = {stop, takeableBytes: takeable(settings, look), exhaustedBytes};
  if (!dependsOnLazyFree(facts)) return endBySwap(facts);
  await balloon.release(); // the walk below takes 3 ms for 100 MiB, in which nobody need be pressed
  // Where that cannot be told, all that might be lazily freed counts as left: a floor is to be proven.
  const sumBytes = target.sumLazyFreeBytes() ?? Number.POSITIVE_INFINITY;
  return endByLazyFree(facts, takeableLazyFreeBytes(look.target, sumBytes));
};

const attempt = async (
  context: Context,
  balloon: Balloon,
  baseline: Baseline,
  progress: Progress & PodSqueeze,
): Promise<Stop> => {
  let fruitless = 0;
  for (let attempts = 1; ; attempts += 1) {
    const from = takeable(context.settings, progress.look);
    const opened = await open(context, balloon, baseline, progress.look);
    if ('kind' in opened) return opened;
    const stop = await inflate(context, progress, pressPod(context, balloon, progress, opened));
    if (stop.cause !== 'Stalled') return stop;
    progress.look = context.target.look();
    const left = takeable(context.settings, progress.look);
    if (left <= opened.plan.exhaustedBytes) return {kind: 'stop', cause: 'Exhausted'};
    if (from - left <= opened.plan.exhaustedBytes) fruitless += 1;
    if (attempts === MAX_ATTEMPTS || fruitless === MAX_FRUITLESS_ATTEMPTS) return stop;
    await context.deadline.pause(context.settings.pressure.stepIntervalMilliseconds);
    progress.look = context.target.look();
  }
};

const OPENING_ATTEMPTS = 3;

/** The target may grow beyond the planned memory.high before it is written: then it is planned anew. */
const open = async (
  context: Context,
  balloon: Balloon,
  baseline: Baseline,
  first: Look,
): Promise<SqueezeState | Stop> => {
  for (
    let look = first, attempts = 0;
    attempts < OPENING_ATTEMPTS;
    attempts += 1, look = context.target.look()
  ) {
    const opened = planSqueeze(gatherFacts(context, baseline, look));
    if ('plan' in opened && takesTooMuchCache(context, opened.plan, baseline.last, look)) break;
    if ('kind' in opened || (await balloon.squeeze(opened.plan.highBytes))) return opened;
  }
  return {kind: 'stop', cause: 'Guard', guard: HEADROOM_GUARD};
};

/** Below its limit a pod may need room for the first step: it is made before any guard can look, and at each opening anew. */
const takesTooMuchCache = (context: Context, {highBytes}: SqueezePlan, before: Look, look: Look): boolean =>
  mayTakeTooMuchCache(
    context.settings.guards,
    guardFactsOf(context, before, look),
    usageOf(context.settings, look) - (highBytes ?? Number.POSITIVE_INFINITY),
  );

const gatherFacts = ({settings, world, target}: Context, {largestRiseBytes}: Baseline, look: Look) => ({
  method: settings.pressure.method as PressingMethod, // Observe never comes here
  version: target.cgroup.version,
  stepSizeBytes: limitStep(settings, look),
  epsilonBytes: epsilonBytes(world.machine.cpus),
  takeableBytes: takeable(settings, look),
  usageBytes: usageOf(settings, look),
  largestRiseBytes,
  swapPossible: isSwapPossible(target.cgroup, world.machine, settings.pressure.method),
  ...present({maxSizeBytes: settings.pressure.maxSizeBytes}),
  ...readBoundaryLimits(target.cgroup),
});

/** Where there is more page cache than may be taken, two steps at least lead to that bound. */
const limitStep = (settings: Settings, look: Look): number => {
  const {stepSizeBytes} = settings.pressure;
  const {maxCacheReclaimedBytes} = settings.guards;
  return cacheBytes(pressedOf(settings, look)) > maxCacheReclaimedBytes
    ? Math.min(stepSizeBytes, maxCacheReclaimedBytes / 2)
    : stepSizeBytes;
};
