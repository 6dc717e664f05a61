import type {Change} from '../kube/cache.ts';
import type {MemoryProbe, Pod} from '../kube/types.ts';
import {type OwnPods, probeKeyOf} from './own-pods.ts';
import {nodeNameOf} from './pod-fact.ts';
import {isQueuedOn, keyOf, oldestFirst} from './queue-order.ts';
import {hasVerdict, stageOf} from './status.ts';

export type WakerOptions = {wake: (key: string) => void; ownPods: OwnPods; allProbes: () => MemoryProbe[]};

export type Waker = {
  probeChanged: (change: Change<MemoryProbe>) => void;
  podChanged: (change: Change<Pod>) => void;
  stopSwitchChanged: () => void;
  budgetFreed: () => void;
};

/** Which keys a change concerns: the probe itself, and those that wait for what it leaves: its node, a place in a budget. */
export const createWaker = ({wake, ownPods, allProbes}: WakerOptions): Waker => {
  const wakeNode = (nodeName: string) => {
    for (const probe of allProbes()) if (isQueuedOn(probe, nodeName)) wake(keyOf(probe));
  };
  const budgetFreed = () => {
    for (const probe of oldestFirst(allProbes())) if (stageOf(probe) === 'BudgetSpent') wake(keyOf(probe));
  };
  return {
    budgetFreed,
    stopSwitchChanged: () => {
      // What must let go comes before what only waits.
      for (const pod of ownPods.all) wake(probeKeyOf(pod));
      for (const probe of oldestFirst(allProbes())) if (!hasVerdict(probe)) wake(keyOf(probe));
    },
    probeChanged: ({before, after}) => {
      const probe = after ?? before;
      if (!probe) return;
      wake(keyOf(probe));
      const nodeName = before?.status?.target?.nodeName;
      if (nodeName !== undefined && !(after && isQueuedOn(after, nodeName))) wakeNode(nodeName);
      if (!after || hasVerdict(after)) ownPods.forget(probe.metadata.uid);
    },
    podChanged: change => {
      ownPods.note(change);
      const pod = change.after ?? change.before;
      if (!pod) return;
      wake(probeKeyOf(pod));
      if (change.after) return;
      wakeNode(nodeNameOf(pod));
      budgetFreed();
    },
  };
};
