import {present} from '../domain/present.ts';
import {parseQuantity} from '../domain/quantity.ts';
import type {Node} from '../kube/types.ts';
import type {NodeFact} from './facts.ts';

export const readNodeFact = (name: string, node: Node | undefined): NodeFact => {
  if (!node) return {name, exists: false, underMemoryPressure: false};
  const condition = (type: string) => node.status?.conditions?.find(candidate => candidate.type === type);
  const ready = condition('Ready');
  const isSilent = ready !== undefined && ready.status === 'Unknown';
  return {
    name,
    exists: true,
    underMemoryPressure: condition('MemoryPressure')?.status === 'True',
    ...present({
      silentSinceMs: isSilent
        ? Date.parse(ready.lastTransitionTime ?? node.metadata.creationTimestamp)
        : undefined,
      reservedBytes: reservedBytesOf(node),
    }),
  };
};

/** Capacity - allocatable: what the kubelet keeps for the system and for eviction. */
const reservedBytesOf = ({status}: Node): number | undefined => {
  const capacity = parseQuantity(status?.capacity?.memory ?? '');
  const allocatable = parseQuantity(status?.allocatable?.memory ?? '');
  return capacity === undefined || allocatable === undefined
    ? undefined
    : Math.max(0, capacity - allocatable);
};
