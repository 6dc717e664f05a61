import type {Clock} from '../lib/clock.ts';
import type {Log} from '../lib/log.ts';
import {Cache, type Change} from './cache.ts';
import type {KubeObject, ResourceType, Selection} from './resource.ts';
import type {Rest} from './rest.ts';
import {runWatch, type WatchTiming} from './watch.ts';

/** What every watch of a process shares. */
export type WatchContext = {
  rest: Rest;
  clock: Clock;
  random: () => number;
  log: Log;
  timing?: Partial<WatchTiming>;
};

export type Scope<T extends KubeObject> = {
  type: ResourceType<T>;
  /** Absent: all namespaces. */
  namespace?: string | undefined;
  selection?: Selection;
};

export type Followed<T extends KubeObject> = {
  cache: Cache<T>;
  /** Lists anew, over a connection of its own: resolves when the cache has all that was there when this was called. */
  refresh: () => Promise<void>;
  /** Resolves after the signal. */
  stopped: Promise<unknown>;
};

/** Starts a watch that keeps a cache until the signal is aborted. */
export const follow = <T extends KubeObject>(
  context: WatchContext,
  scope: Scope<T>,
  signal: AbortSignal,
  notify: (change: Change<T>) => void,
): Followed<T> => {
  const cache = new Cache<T>(context.log, notify);
  const start = (): Run => {
    const ending = new AbortController();
    const listed = Promise.withResolvers<void>();
    const replaced = (items: T[]) => {
      cache.sink.replaced(items);
      listed.resolve();
    };
    const stopped = runWatch({
      ...context,
      ...scope,
      signal: AbortSignal.any([signal, ending.signal]),
      sink: {...cache.sink, replaced},
    });
    return {end: () => ending.abort(), listed: listed.promise, stopped};
  };
  let run = start();
  return {
    cache,
    refresh: async () => {
      run.end();
      await run.stopped;
      run = start();
      await run.listed;
    },
    get stopped() {
      return run.stopped;
    },
  };
};

/** One watch, from its list on. */
type Run = {end: () => void; listed: Promise<void>; stopped: Promise<void>};
