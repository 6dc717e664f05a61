import type {MemoryProbe} from '../kube/types.ts';
import type {Budget} from './facts.ts';
import {type OwnPods, probeKeyOf, probeUidOf} from './own-pods.ts';

/**
 * How many balloon pods may be at once. A probe that is about to get one claims its place before, so that two runs at the
 * same time cannot both take the last; what a run claimed it gives back at its end, when its pod counts by itself.
 */
export class Budgets {
  readonly #limits: {cluster: number; namespace: number};
  readonly #ownPods: OwnPods;
  readonly #freed: () => void;
  /** Namespaces of the probes that are about to get a pod, by uid. */
  readonly #claims = new Map<string, string>();

  constructor(limits: {cluster: number; namespace: number}, ownPods: OwnPods, freed: () => void) {
    this.#limits = limits;
    this.#ownPods = ownPods;
    this.#freed = freed;
  }

  /** Takes a place; answers the budget that has none left instead. */
  claim({metadata: {uid, namespace = ''}}: MemoryProbe): Budget | undefined {
    const {cluster, namespace: limit} = this.#limits;
    const others = [...this.#placesTaken().entries()].filter(([other]) => other !== uid);
    if (others.length >= cluster) return {of: 'cluster', limit: cluster};
    if (others.filter(([, place]) => place === namespace).length >= limit) return {of: 'namespace', limit};
    this.#claims.set(uid, namespace);
    return undefined;
  }

  /** At the end of a run. A place that was claimed for nothing is told of: others may have gone without. */
  release(uid: string): void {
    if (!this.#claims.delete(uid)) return;
    if (!this.#placesTaken().has(uid)) this.#freed();
  }

  #placesTaken(): Map<string, string> {
    const pods = this.#ownPods.all.map((pod): [string, string] => [
      probeUidOf(pod),
      probeKeyOf(pod).split('/')[0] ?? '',
    ]);
    return new Map([...this.#claims, ...pods]);
  }
}
