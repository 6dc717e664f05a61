import type {TargetSelection} from '../api/spec.ts';
import {ApiFault} from '../kube/faults.ts';
import {type Followed, follow, type WatchContext} from '../kube/follow.ts';
import type {Selection} from '../kube/resource.ts';
import {PODS, type Pod} from '../kube/types.ts';
import {sleep} from '../lib/clock.ts';

const LIST_PATIENCE_MS = 5000;

type TargetWatch = {query: string; followed: Followed<Pod>; controller: AbortController};

/**
 * One narrow watch for each probe that is not complete: its target pod by name, or the pods with its labels. Nothing
 * else of all the cluster's pods is ever held in memory.
 */
export class TargetWatches {
  readonly #context: WatchContext;
  readonly #wake: (key: string) => void;
  readonly #watches = new Map<string, TargetWatch>();

  constructor(context: WatchContext, wake: (key: string) => void) {
    this.#context = context;
    this.#wake = wake;
  }

  /** The pods that are meant; resolves when they are known. Rejects when that takes long: others want to be served. */
  async pods(key: string, namespace: string, target: TargetSelection): Promise<Pod[]> {
    const selection = selectionOf(target);
    const query = JSON.stringify(selection);
    if (this.#watches.get(key)?.query !== query) this.#start(key, {namespace, selection, query});
    const cache = this.#watches.get(key)?.followed.cache;
    const late = new AbortController();
    await Promise.race([cache?.synced, sleep(this.#context.clock, LIST_PATIENCE_MS, late.signal)]);
    late.abort();
    if (cache?.isSynced) return cache.all;
    throw new ApiFault('Timeout', `the pods of namespace ${namespace} cannot be listed`);
  }

  stop(key: string): void {
    this.#watches.get(key)?.controller.abort();
    this.#watches.delete(key);
  }

  stopAll(): void {
    for (const key of [...this.#watches.keys()]) this.stop(key);
  }

  get size(): number {
    return this.#watches.size;
  }

  #start(
    key: string,
    {namespace, selection, query}: {namespace: string; selection: Selection; query: string},
  ): void {
    this.stop(key);
    const controller = new AbortController();
    const followed = follow(this.#context, {type: PODS, namespace, selection}, controller.signal, () =>
      this.#wake(key),
    );
    this.#watches.set(key, {query, followed, controller});
  }
}

const selectionOf = (target: TargetSelection): Selection =>
  'podName' in target
    ? {fieldSelector: `metadata.name=${target.podName}`}
    : {
        labelSelector: Object.entries(target.matchLabels)
          .map(([name, value]) => `${name}=${value}`)
          .join(','),
      };
