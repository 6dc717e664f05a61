import type {GuardSettings} from '../domain/settings.ts';
import type {NodeFact, PodFact, TimeMs} from './facts.ts';

/** How long a target, a place for the balloon pod, or a repair is waited for. */
export const PATIENCE_MS = 60_000;
/** An image that could not be pulled at the first try may come at the second. */
export const PULL_PATIENCE_MS = 10_000;
/** What the kubelet adds to the deadline before it ends the pod: the agent's own clock comes first. */
export const DEADLINE_GRACE_SECONDS = 30;
/** When the operator no longer counts on the kubelet either. */
const OVERRUN_MS = (DEADLINE_GRACE_SECONDS + 15) * 1000;
/** A node is given up so long after its kubelet was declared silent, which itself takes some 40 s. */
const NODE_PATIENCE_MS = 30_000;
/** A pod that is still there so long after its grace period has a kubelet that does not answer. */
const DELETION_PATIENCE_MS = 20_000;
/** How often the node of a running probe is looked at. */
export const NODE_LOOK_MS = 20_000;
/** A pod that is not running by then has something worth telling. */
export const STARTING_MS = 2500;

export const waitLimitMs = ({deadlineSeconds}: GuardSettings): number =>
  Math.min(PATIENCE_MS, deadlineSeconds * 1000);

export const isNodeLost = (node: NodeFact | undefined, nowMs: TimeMs): boolean =>
  node !== undefined &&
  (!node.exists || (node.silentSinceMs !== undefined && nowMs - node.silentSinceMs >= NODE_PATIENCE_MS));

/** When a balloon pod has had all the time that there is, its agent's and its kubelet's clocks included. */
export const overrunAtMs = (pod: PodFact, {deadlineSeconds}: GuardSettings): TimeMs =>
  pod.running && pod.acceptedMs !== undefined
    ? pod.acceptedMs + deadlineSeconds * 1000 + OVERRUN_MS
    : pod.createdMs + deadlineSeconds * 1000;

/** When a pod that is to be deleted is removed by force; absent while nobody asked for it. */
export const forceAtMs = ({deleteByMs}: PodFact): TimeMs | undefined =>
  deleteByMs === undefined ? undefined : deleteByMs + DELETION_PATIENCE_MS;
