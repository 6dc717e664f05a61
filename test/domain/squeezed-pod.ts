import {
  type Inflate,
  type NextStep,
  planNextStep,
  planSqueeze,
  recordStep,
  type SqueezeFacts,
  type SqueezeState,
} from '../../src/domain/plan.ts';

/**
 * The kernel's side of a squeeze in three numbers: what cannot be taken, what can, and the balloon. A model, since the
 * planner's laws are to hold for thousands of pods; test/kernels and test/cluster run real ones.
 */
export type Pod = {fixedBytes: number; takeableBytes: number; balloonBytes: number};
export type Step = {step: Inflate; state: SqueezeState; before: Pod; inflated: Pod; after: Pod};
export type Squeeze = {end: NextStep; steps: Step[]; pod: Pod; state?: SqueezeState};

export const usageOf = ({fixedBytes, takeableBytes, balloonBytes}: Pod): number =>
  fixedBytes + takeableBytes + balloonBytes;

const press = (pod: Pod, boundary: number): Pod => ({
  ...pod,
  takeableBytes: pod.takeableBytes - Math.min(pod.takeableBytes, Math.max(0, usageOf(pod) - boundary)),
});

const apply = (pod: Pod, step: Inflate, high: number | undefined): {inflated: Pod; after: Pod} => {
  const inflated = {...pod, balloonBytes: step.bytes};
  return {inflated, after: press(inflated, step.limitBytes ?? high ?? Number.POSITIVE_INFINITY)};
};

/** Runs a whole squeeze; `disturb` changes the pod between two steps, as a living target does. */
export const squeeze = (
  facts: SqueezeFacts,
  disturb: (pod: Pod, step: number) => Pod = pod => pod,
): Squeeze => {
  const start = planSqueeze(facts);
  const begin: Pod = {
    fixedBytes: facts.usageBytes - facts.takeableBytes,
    takeableBytes: facts.takeableBytes,
    balloonBytes: 0,
  };
  if ('kind' in start) return {end: start, steps: [], pod: begin};
  let state = start;
  let pod = press(begin, start.plan.highBytes ?? Number.POSITIVE_INFINITY);
  const steps: Step[] = [];
  for (;;) {
    const end = planNextStep(state, {
      takeableBytes: pod.takeableBytes,
      usageBytes: usageOf(pod),
      swapRiseBytes: 0,
      ...(facts.limitBytes !== undefined && {limitBytes: facts.limitBytes}),
    });
    if (end.kind === 'stop' || steps.length > 20_000) return {end, steps, pod, state};
    const {inflated, after} = apply(pod, end, state.plan.highBytes);
    state = recordStep(state, end, after.takeableBytes);
    steps.push({step: end, state, before: pod, inflated, after});
    pod = disturb(after, steps.length);
  }
};
