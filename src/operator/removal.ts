import {FINALIZER} from '../api/names.ts';
import type {Action} from './actions.ts';
import {TERMINATION_SECONDS} from './balloon-pod.ts';
import type {Facts, PodFact} from './facts.ts';
import {forceAtMs, isNodeLost} from './limits.ts';

export const hasFinalizer = ({probe}: Facts): boolean =>
  probe.metadata.finalizers?.includes(FINALIZER) ?? false;

export type Removal = {
  actions: Action[];
  /** With these actions done, no pod of the probe exists any more. */
  complete: boolean;
  requeueAfterMs?: number;
};

/** What it takes to be rid of these pods: at once where nothing runs in them, gracefully where something may. */
export const removePods = (facts: Facts, pods: (PodFact | undefined)[]): Removal => {
  const there = pods.filter(pod => pod?.present).filter(pod => pod !== undefined);
  const actions = there.flatMap(pod => removePod(facts, pod));
  const waits = there
    .filter(pod => !isFinal(facts, pod))
    .map(pod => (forceAtMs(pod) ?? facts.nowMs + 30_000) - facts.nowMs);
  return {
    actions,
    complete: waits.length === 0,
    ...(waits.length > 0 && {requeueAfterMs: Math.max(100, Math.min(...waits))}),
  };
};

/** Whether deleting it without grace is right: nothing runs, or nobody is there to end it. */
const isFinal = ({node, nowMs}: Facts, pod: PodFact): boolean => {
  const forceMs = forceAtMs(pod);
  return pod.ended || isNodeLost(node, nowMs) || (forceMs !== undefined && nowMs >= forceMs);
};

const removePod = (facts: Facts, pod: PodFact): Action[] => {
  if (isFinal(facts, pod)) return [{do: 'deletePod', pod, gracePeriodSeconds: 0}];
  if (pod.deleteByMs !== undefined) return [];
  return [{do: 'deletePod', pod, gracePeriodSeconds: TERMINATION_SECONDS}];
};
