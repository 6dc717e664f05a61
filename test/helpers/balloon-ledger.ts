import type {Rest} from '../../src/kube/rest.ts';
import type {Pod} from '../../src/kube/types.ts';
import {nodeNameOf, readPodFact} from '../../src/operator/pod-fact.ts';
import {watchPods} from './watch-pods.ts';

/** Every balloon pod that there was, and whether two of them ever lived at the same time (invariant I1). */
export type BalloonLedger = {
  note: (pod: Pod) => void;
  gone: (pod: Pod) => void;
  /** Uids of the balloon pods that a probe has had so far. */
  podsOf: (probeUid: string) => string[];
  /** A sentence for each two that lived at the same time for one probe or on one node. */
  overlaps: () => string[];
};

type Entry = {uid: string; probeUid: string; nodeName: string};

export const createBalloonLedger = (): BalloonLedger => {
  const all = new Map<string, Entry>();
  const living = new Map<string, Entry>();
  const overlaps: string[] = [];
  const enter = (entry: Entry) => {
    for (const other of living.values()) {
      if (other.probeUid === entry.probeUid)
        overlaps.push(`balloon pods ${other.uid} and ${entry.uid} of probe ${entry.probeUid}`);
      if (other.nodeName === entry.nodeName)
        overlaps.push(`balloon pods ${other.uid} and ${entry.uid} on node ${entry.nodeName}`);
    }
    all.set(entry.uid, entry);
    living.set(entry.uid, entry);
  };
  return {
    note: pod => {
      const {uid, labels} = pod.metadata;
      if (!all.has(uid))
        enter({uid, probeUid: labels?.['memoryprobe.dev/probe-uid'] ?? '', nodeName: nodeNameOf(pod)});
      if (readPodFact(pod, true).ended) living.delete(uid);
    },
    gone: ({metadata}) => living.delete(metadata.uid),
    podsOf: probeUid => [...all.values()].filter(entry => entry.probeUid === probeUid).map(({uid}) => uid),
    overlaps: () => overlaps,
  };
};

export type RunningLedger = BalloonLedger & {stop: () => Promise<void>};

/** Keeps the ledger by a watch, from now on. */
export const followBalloons = (rest: Rest, namespace: string): RunningLedger => {
  const ledger = createBalloonLedger();
  const stop = watchPods(rest, namespace, 'balloon', {
    replaced: pods => {
      for (const pod of pods) ledger.note(pod);
    },
    changed: ledger.note,
    removed: ledger.gone,
  });
  return {...ledger, stop};
};
