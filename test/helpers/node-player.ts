import type {Pod} from '../../src/kube/types.ts';
import {nodeNameOf} from '../../src/operator/pod-fact.ts';
import {reclaimableReport} from './reports.ts';
import {listOwnPods, type World} from './world.ts';

export type NodePlayer = {
  /** Uids of the balloon pods that it has played. */
  podsSeen: Set<string>;
  stop: () => Promise<void>;
};

/**
 * The kubelet by itself: whatever balloon pod comes to the nodes of these targets is started, and ends after a while with
 * the report that its target freed 300 MiB; one that is deleted ends and goes.
 */
export const playNodes = (
  world: World,
  targets: ReadonlyMap<string, Pod>,
  runMilliseconds = 60,
): NodePlayer => {
  const podsSeen = new Set<string>();
  const playing = new Set<Promise<void>>();
  let on = true;
  const play = async (pod: Pod, nodeName: string, target: Pod): Promise<void> => {
    if (!pod.spec?.nodeName) await world.kubelet.accept(pod, nodeName);
    await world.kubelet.start(pod);
    await new Promise(resolve => setTimeout(resolve, runMilliseconds));
    await world.kubelet.end(pod, {exitCode: 0, report: reclaimableReport(target)});
  };
  const end = async (pod: Pod, target: Pod): Promise<void> => {
    await world.kubelet.end(pod, {exitCode: 0, report: reclaimableReport(target)});
    await world.kubelet.remove(pod);
  };
  // A pod that is removed meanwhile has no status to be written.
  const begin = (played: Promise<void>) => playing.add(played.catch(() => undefined));
  const look = async (): Promise<void> => {
    for (const pod of await listOwnPods(world, 'balloon')) {
      const {uid, deletionTimestamp} = pod.metadata;
      const target = targets.get(nodeNameOf(pod));
      if (!target || isOver(pod)) continue;
      if (deletionTimestamp !== undefined) begin(end(pod, target));
      else if (!podsSeen.has(uid)) begin(play(pod, nodeNameOf(pod), target));
      podsSeen.add(uid);
    }
  };
  const live = async (): Promise<void> => {
    while (on) {
      await look();
      await new Promise(resolve => setTimeout(resolve, 10));
    }
    await Promise.all(playing);
  };
  const living = live();
  return {
    podsSeen,
    stop: async () => {
      on = false;
      await living;
    },
  };
};

const isOver = ({status}: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';
