import type {MemoryProbe} from '../kube/types.ts';
import {hasVerdict, stageOf} from './status.ts';

export const keyOf = ({metadata}: MemoryProbe): string => `${metadata.namespace}/${metadata.name}`;

/** Whether it takes part in the queue of a node. One that waits for a budget keeps nobody else from the node. */
export const isQueuedOn = (probe: MemoryProbe, nodeName: string): boolean =>
  probe.status?.target?.nodeName === nodeName &&
  probe.metadata.deletionTimestamp === undefined &&
  stageOf(probe) !== 'BudgetSpent' &&
  !hasVerdict(probe);

const orderOf = ({metadata}: MemoryProbe): string => `${metadata.creationTimestamp} ${metadata.uid}`;

/**
 * The probe that is next before this one in the queue of a node, oldest first. Each names its predecessor and not the
 * one whose turn it is, so that a turn changes one status and not all.
 */
export const predecessorOf = (
  probe: MemoryProbe,
  nodeName: string,
  probes: MemoryProbe[],
): MemoryProbe | undefined =>
  probes
    .filter(other => isQueuedOn(other, nodeName) && orderOf(other) < orderOf(probe))
    .sort((a, b) => orderOf(b).localeCompare(orderOf(a)))[0];

export const oldestFirst = (probes: MemoryProbe[]): MemoryProbe[] =>
  [...probes].sort((a, b) => orderOf(a).localeCompare(orderOf(b)));
