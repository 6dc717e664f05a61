import {messageOf} from '../lib/exit.ts';
import type {Log} from '../lib/log.ts';
import type {KubeObject} from './resource.ts';
import type {WatchSink} from './watch.ts';

/** One change: `before` is absent for something new, `after` for something that is gone. */
export type Change<T> = {before?: T | undefined; after?: T | undefined};

/**
 * What a watch has told so far. Keyed by uid: an object that was deleted and made again under the same name is
 * two changes, a removal and an addition, even when both happened between two lists.
 */
export class Cache<T extends KubeObject> {
  readonly #items = new Map<string, T>();
  readonly #uids = new Map<string, string>();
  /** Objects whose present version came from a write, and has not come through the watch yet. */
  readonly #adopted = new Set<string>();
  /** Versions that the watch will still bring though later ones are known. */
  readonly #overtaken = new Map<string, Set<string>>();
  /** Objects that are known to be gone, of which the watch has not yet brought the end. */
  readonly #dropped = new Set<string>();
  /** Objects whose present version came from a write since the last list was asked for. */
  readonly #written = new Set<string>();
  readonly #notify: (change: Change<T>) => void;
  readonly #synced = Promise.withResolvers<void>();
  #isSynced = false;

  constructor(log: Log, notify: (change: Change<T>) => void) {
    this.#notify = change => {
      try {
        notify(change);
      } catch (thrown) {
        // A mistake in a handler must not end the watch.
        log.error('change handler failed', {error: messageOf(thrown)});
      }
    };
  }

  /** Resolves when the first list is in. */
  get synced(): Promise<void> {
    return this.#synced.promise;
  }

  get isSynced(): boolean {
    return this.#isSynced;
  }

  get all(): T[] {
    return [...this.#items.values()];
  }

  byUid(uid: string): T | undefined {
    return this.#items.get(uid);
  }

  byName(namespace: string | undefined, name: string): T | undefined {
    const uid = this.#uids.get(`${namespace ?? ''}/${name}`);
    return uid === undefined ? undefined : this.#items.get(uid);
  }

  /**
   * Takes over what a write answered, so that the next look does not see the past. `base`: the resourceVersion that
   * the write was made from; when the watch has brought another meanwhile, that one is at least as new and stays.
   */
  adopt(item: T, base?: string): void {
    const {uid, resourceVersion} = item.metadata;
    const known = this.#items.get(uid)?.metadata.resourceVersion;
    if (known !== base || known === resourceVersion) return;
    const overtaken = this.#overtaken.get(uid) ?? new Set();
    // If the base was itself adopted, the watch has yet to bring it: by then it is the past.
    if (this.#adopted.delete(uid) && base !== undefined) overtaken.add(base);
    this.#overtaken.set(uid, overtaken);
    this.#adopted.add(uid);
    this.#written.add(uid);
    this.#set(item);
  }

  /**
   * Takes over what a deletion that left nothing answered, so that the next look does not delete it again. `last`: as it
   * was at its end, which is told; the watch, which is late, tells no more of it.
   */
  drop(last: T): void {
    const {uid} = last.metadata;
    if (!this.#items.has(uid)) return;
    this.#remove(last);
    this.#dropped.add(uid);
  }

  readonly sink: WatchSink<T> = {
    listing: () => this.#written.clear(),
    // A list may have been read before a write was answered: an object made meanwhile would be taken for gone.
    isPast: items => {
      const versions = new Map(items.map(({metadata}) => [metadata.uid, metadata.resourceVersion]));
      return [...this.#written].some(
        uid => this.#items.get(uid)?.metadata.resourceVersion !== versions.get(uid),
      );
    },
    replaced: items => {
      const kept = new Set(items.map(item => item.metadata.uid));
      for (const item of this.all) if (!kept.has(item.metadata.uid)) this.#remove(item);
      this.#overtaken.clear();
      for (const uid of this.#dropped) if (!kept.has(uid)) this.#dropped.delete(uid);
      for (const item of items) this.#change(item);
      this.#isSynced = true;
      this.#synced.resolve();
    },
    changed: item => this.#change(item),
    removed: item => this.#remove(item),
  };

  #change(after: T): void {
    const {uid, namespace, name, resourceVersion} = after.metadata;
    if (this.#dropped.has(uid)) return;
    const namesake = this.byName(namespace, name);
    if (namesake && namesake.metadata.uid !== uid) this.#remove(namesake);
    if (this.#overtaken.get(uid)?.delete(resourceVersion)) return;
    this.#settle(uid);
    const before = this.#items.get(uid);
    this.#set(after);
    if (before?.metadata.resourceVersion !== resourceVersion) this.#notify({before, after});
  }

  #remove(last: T): void {
    const {uid, namespace, name} = last.metadata;
    const known = this.#items.delete(uid);
    this.#dropped.delete(uid);
    this.#settle(uid);
    const key = `${namespace ?? ''}/${name}`;
    if (this.#uids.get(key) === uid) this.#uids.delete(key);
    if (known) this.#notify({before: last});
  }

  #settle(uid: string): void {
    this.#adopted.delete(uid);
    this.#overtaken.delete(uid);
  }

  #set(item: T): void {
    const {uid, namespace, name} = item.metadata;
    this.#items.set(uid, item);
    this.#uids.set(`${namespace ?? ''}/${name}`, uid);
  }
}
