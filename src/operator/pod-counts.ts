import type {Pod} from '../kube/types.ts';
import type {TimeMs} from './facts.ts';
import {componentOf} from './own-pods.ts';
import {readPodFact} from './pod-fact.ts';

/** Our pods that are there and have not ended, as the watch told last. */
export type PodCounts = {balloons: number; repairs: number; overdue: number};

/** Beyond the pod's own activeDeadlineSeconds: by then no balloon memory may be left (invariant I2). */
const OVERDUE_MS = 30_000;

export const countPods = (pods: Pod[], nowMs: TimeMs): PodCounts => {
  const alive = pods.filter(pod => !readPodFact(pod, true).ended);
  const balloons = alive.filter(pod => componentOf(pod) === 'balloon');
  return {
    balloons: balloons.length,
    repairs: alive.length - balloons.length,
    overdue: balloons.filter(pod => isOverdue(pod, nowMs)).length,
  };
};

/** A pod that no kubelet has taken on holds nothing, however old it is. */
const isOverdue = ({spec, status}: Pod, nowMs: TimeMs): boolean =>
  status?.startTime !== undefined &&
  spec?.activeDeadlineSeconds !== undefined &&
  nowMs > Date.parse(status.startTime) + spec.activeDeadlineSeconds * 1000 + OVERDUE_MS;
