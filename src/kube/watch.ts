import {type Backoff, backoffMs} from '../lib/backoff.ts';
import {type Clock, sleep} from '../lib/clock.ts';
import {messageOf} from '../lib/exit.ts';
import type {Log} from '../lib/log.ts';
import {faultOfWatchError, isFault, type StatusBody} from './faults.ts';
import {readLines} from './lines.ts';
import {
  collectionPath,
  type KubeObject,
  type ListAnswer,
  type ResourceType,
  type Selection,
} from './resource.ts';
import type {Rest} from './rest.ts';

/** Who is told what is there. Called in order, never at the same time. */
export type WatchSink<T> = {
  /** A list is about to be asked for. */
  listing?: () => void;
  /** Whether the answer is older than something that was written since: then it is asked for again. */
  isPast?: (items: T[]) => boolean;
  /** All that there is: whatever else was known is gone. */
  replaced: (items: T[]) => void;
  changed: (item: T) => void;
  removed: (item: T) => void;
};

export type WatchOptions<T extends KubeObject> = {
  rest: Rest;
  type: ResourceType<T>;
  /** Absent: all namespaces. */
  namespace?: string | undefined;
  selection?: Selection;
  sink: WatchSink<T>;
  clock: Clock;
  random: () => number;
  log: Log;
  signal: AbortSignal;
  timing?: Partial<WatchTiming>;
};

export type WatchTiming = {
  /** How long the server keeps one watch open; spread by half so that watches do not end together. */
  timeoutSeconds: number;
  /** The server sends a bookmark each minute: a connection that is silent for longer than this is half open. */
  silenceMs: number;
  backoff: Backoff;
};

const DEFAULT_TIMING: WatchTiming = {
  timeoutSeconds: 300,
  silenceMs: 100_000,
  backoff: {baseMs: 100, capMs: 30_000},
};

const PAGE_SIZE = 500;

/**
 * Lists, then watches from there, for ever: until the signal is aborted nothing ends it. A connection that ends is
 * taken up at the last resourceVersion; when that is too old, or the server says nonsense, everything is listed
 * anew. See "Efficient detection of changes" in the Kubernetes API concepts.
 */
export const runWatch = async <T extends KubeObject>(options: WatchOptions<T>): Promise<void> => {
  const timing = {...DEFAULT_TIMING, ...options.timing};
  const {signal, clock, random} = options;
  const progress: Progress = {version: undefined, failures: 0};
  while (!signal.aborted) {
    const ok = await follow(options, timing, progress).catch(thrown => note(options, progress, thrown));
    if (ok || signal.aborted) continue;
    await sleep(clock, backoffMs(timing.backoff, progress.failures, random), signal);
    progress.failures += 1;
  }
};

/** How far a watch has come: the resourceVersion reached, and the failures since it last heard anything. */
type Progress = {version: string | undefined; failures: number};

const WARN_AFTER = 4;
const SHORT_WATCH_MS = 1000;

/** One list if need be, and one connection to its end. False: it ended so soon that a pause is due. */
const follow = async <T extends KubeObject>(
  options: WatchOptions<T>,
  timing: WatchTiming,
  progress: Progress,
): Promise<boolean> => {
  progress.version ??= await list(options);
  const startMs = options.clock.monotonic();
  for await (const next of watchOnce(options, progress.version, timing)) {
    progress.version = next;
    progress.failures = 0;
  }
  return options.clock.monotonic() - startMs >= SHORT_WATCH_MS;
};

const note = <T extends KubeObject>(options: WatchOptions<T>, progress: Progress, thrown: unknown): false => {
  const {log, signal, type} = options;
  if (mustRelist(thrown)) progress.version = undefined;
  const fields = {resource: type.plural, error: messageOf(thrown), failures: progress.failures};
  if (progress.failures === WARN_AFTER && !signal.aborted) log.warn('watch keeps failing', fields);
  else log.debug('watch ended', fields);
  return false;
};

/** A fault of the connection leaves the resourceVersion good; anything else makes it doubtful. */
const mustRelist = (thrown: unknown): boolean =>
  !isFault(thrown, 'Unreachable', 'Timeout', 'Throttled', 'Unauthorized');

/** An operator that writes without a pause has to take a list as it comes. */
const MAX_LISTS = 3;

/** Lists until the answer is not from the past, and tells the sink. Answers the resourceVersion to watch from. */
const list = async <T extends KubeObject>(options: WatchOptions<T>): Promise<string> => {
  const {sink} = options;
  for (let lists = 1; ; lists += 1) {
    sink.listing?.();
    const {items, version} = await listPages(options);
    if (lists < MAX_LISTS && sink.isPast?.(items)) continue;
    sink.replaced(items);
    return version;
  }
};

const listPages = async <T extends KubeObject>({
  rest,
  type,
  namespace,
  selection,
  signal,
}: WatchOptions<T>): Promise<{items: T[]; version: string}> => {
  const items: T[] = [];
  let page: string | undefined;
  for (;;) {
    const answer: ListAnswer<T> = await rest.call<ListAnswer<T>>({
      method: 'GET',
      path: collectionPath(type, namespace),
      query: {...selection, limit: PAGE_SIZE, continue: page},
      signal,
      timeoutMs: 30_000,
    });
    items.push(...answer.items);
    page = answer.metadata.continue || undefined;
    if (page === undefined) return {items, version: answer.metadata.resourceVersion};
  }
};

type WatchEvent<T> =
  | {type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; object: T}
  | {type: 'ERROR'; object: StatusBody};

/** One connection: tells the sink, and yields the resourceVersion that was reached after each event. */
async function* watchOnce<T extends KubeObject>(
  {rest, type, namespace, selection, sink, random, signal}: WatchOptions<T>,
  resourceVersion: string,
  timing: WatchTiming,
): AsyncGenerator<string> {
  const path = collectionPath(type, namespace);
  const timeoutSeconds = Math.ceil(timing.timeoutSeconds * (0.5 + random() / 2));
  const chunks = await rest.stream({
    method: 'GET',
    path,
    query: {...selection, watch: true, allowWatchBookmarks: true, resourceVersion, timeoutSeconds},
    signal,
    silenceMs: timing.silenceMs,
  });
  for await (const line of readLines(chunks)) {
    const event = JSON.parse(line) as WatchEvent<T>;
    if (event.type === 'ERROR') throw faultOfWatchError(`WATCH ${path}`, event.object);
    if (event.type === 'DELETED') sink.removed(event.object);
    else if (event.type !== 'BOOKMARK') sink.changed(event.object);
    yield event.object.metadata.resourceVersion;
  }
}
