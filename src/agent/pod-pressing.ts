import {epsilonBytes} from '../domain/epsilon.ts';
import {checkGuards, mayTakeTooMuchCache, swapRiseBytes} from '../domain/guards.ts';
import {
  type Inflate,
  type NextStep,
  planNextStep,
  recordStep,
  type SqueezeState,
  type Stop,
} from '../domain/plan.ts';
import {present} from '../domain/present.ts';
import type {Balloon, Inflation} from './balloon.ts';
import type {Context} from './context.ts';
import type {Pressing} from './inflate.ts';
import {readBoundaryLimits} from './limits.ts';
import {guardFactsOf, takeable, usageOf} from './pressed.ts';
import type {Look} from './target.ts';
import {toStop} from './trip.ts';

/** What one squeeze of a pod keeps, however often it is begun again. */
export type PodSqueeze = {
  before: Look;
  /** v1: shrinks of the limit that the kernel carried out, answered with EBUSY, or made swap until they were let go of. */
  limitShrinks: number;
};

/** Presses the target's pod, or with method Reclaim its container, from an opened squeeze on. */
export const pressPod = (
  context: Context,
  balloon: Balloon,
  squeeze: PodSqueeze,
  opened: SqueezeState,
): Pressing => {
  let state = opened;
  const takeableBytes = (look: Look): number => takeable(context.settings, look);
  return {
    trip: () => toStop(balloon.trip()),
    plan: look => planFrom(context, state, squeeze.before, look),
    press: async step => {
      const inflation = await press(balloon, state, step);
      if (hasShrunk(balloon, step, inflation)) squeeze.limitShrinks += 1;
      return inflation;
    },
    took: (step, {bytes}, look) => {
      state = recordStep(state, {...step, bytes}, takeableBytes(look));
    },
    takeableBytes,
  };
};

/** A shrink that has no answer, since what it pushed into swap was seen first, did act. */
const hasShrunk = (balloon: Balloon, step: Inflate, {outcome, detail}: Inflation): boolean =>
  outcome === 'inflated'
    ? detail === 'ok' || detail === 'busy'
    : step.limitBytes !== undefined && balloon.trip()?.guard === 'swap';

/** With method Reclaim a step is what is asked for; its sum is what the balloon's size is elsewhere. */
const press = async (
  balloon: Balloon,
  {plan, inflatedBytes}: SqueezeState,
  step: Inflate,
): Promise<Inflation> => {
  if (plan.method === 'Balloon') return balloon.inflate(step.bytes, step.limitBytes);
  const asked = await balloon.reclaim(step.bytes - inflatedBytes, step.limitBytes);
  return {...asked, bytes: inflatedBytes + asked.bytes};
};

const planFrom = (context: Context, state: SqueezeState, before: Look, look: Look): NextStep => {
  const {settings, target} = context;
  const facts = guardFactsOf(context, before, look);
  const step = planNextStep(state, {
    takeableBytes: takeable(settings, look),
    usageBytes: usageOf(settings, look),
    ...present({
      limitBytes: readBoundaryLimits(target.cgroup).limitBytes,
      swapRiseBytes: swapRiseBytes(facts, epsilonBytes(context.world.machine.cpus)),
      guard: checkGuards(settings.guards, facts)?.guard,
    }),
  });
  return step.kind === 'inflate' && mayTakeTooMuchCache(settings.guards, facts, step.expectedBytes)
    ? STOP_FOR_CACHE
    : step;
};

const STOP_FOR_CACHE: Stop = {kind: 'stop', cause: 'Guard', guard: 'maxCacheReclaimed'};
