import {LABEL, PROBE_ANNOTATION} from '../api/names.ts';
import type {Cache, Change} from '../kube/cache.ts';
import type {Pod} from '../kube/types.ts';
import type {Component} from './balloon-pod.ts';
import type {PodFact, Refusal} from './facts.ts';
import {nodeNameOf, readPodFact} from './pod-fact.ts';

export const probeUidOf = ({metadata}: Pod): string => metadata.labels?.[LABEL.probeUid] ?? '';
export const componentOf = ({metadata}: Pod): string => metadata.labels?.[LABEL.component] ?? '';

/** Namespace and name of the probe, as the work queue has them. */
export const probeKeyOf = ({metadata}: Pod): string => metadata.annotations?.[PROBE_ANNOTATION] ?? '';

/**
 * Our balloon and repair pods, and the last that was seen of those that vanished: a report may have come with the very
 * last change of a pod.
 */
export class OwnPods {
  readonly #vanished = new Map<string, Pod>();
  readonly #refusals = new Map<string, Refusal>();
  #cache: Cache<Pod> | undefined;

  /** The cache tells of changes through `note`, so it can only be there afterwards. */
  attach(cache: Cache<Pod>): void {
    this.#cache = cache;
  }

  note({before, after}: Change<Pod>): void {
    const pod = after ?? before;
    if (!pod) return;
    const id = idOf(probeUidOf(pod), componentOf(pod));
    this.#refusals.delete(id);
    if (after) this.#vanished.delete(id);
    else this.#vanished.set(id, pod);
  }

  /** The probe is gone or has its verdict: nobody will ask again. */
  forget(probeUid: string): void {
    for (const component of ['balloon', 'repair']) {
      this.#vanished.delete(idOf(probeUid, component));
      this.#refusals.delete(idOf(probeUid, component));
    }
  }

  /** The API server let no such pod be made; it may at another try, so only how long it has refused decides. */
  noteRefusal(probeUid: string, component: Component, {message, sinceMs}: Refusal): void {
    const id = idOf(probeUid, component);
    this.#refusals.set(id, {message, sinceMs: this.#refusals.get(id)?.sinceMs ?? sinceMs});
  }

  refusalOf(probeUid: string, component: Component): Refusal | undefined {
    return this.#refusals.get(idOf(probeUid, component));
  }

  factOf(probeUid: string, component: Component): PodFact | undefined {
    const present = this.all.find(pod => probeUidOf(pod) === probeUid && componentOf(pod) === component);
    if (present) return readPodFact(present, true);
    const vanished = this.#vanished.get(idOf(probeUid, component));
    return vanished && readPodFact(vanished, false);
  }

  /** The probe of a pod that is on the node, other than this probe's. */
  holderOf(nodeName: string, probeUid: string): string | undefined {
    const holder = this.all.find(pod => nodeNameOf(pod) === nodeName && probeUidOf(pod) !== probeUid);
    return holder && (probeKeyOf(holder) || holder.metadata.name);
  }

  get all(): Pod[] {
    return this.#cache?.all ?? [];
  }
}

const idOf = (probeUid: string, component: string): string => `${component} ${probeUid}`;
