import type {Clock} from '../lib/clock.ts';
import {messageOf} from '../lib/exit.ts';
import type {Log} from '../lib/log.ts';
import type {Work, WorkQueue} from './work-queue.ts';

/** A run that went well: nothing more until something changes, or another look after a while. */
export type RunResult = {requeueAfterMs?: number};

/** Brings the world of one key to what it should be. Idempotent: it is called at any time, any number of times. */
export type Reconcile = (key: string) => Promise<RunResult>;

/** How a run ended, as controller-runtime names it. */
export type RunLabel = 'success' | 'requeue_after' | 'error';

export type RunRecord = {label: RunLabel; seconds: number; queuedSeconds: number; panicked: boolean};

export type ControllerOptions = {
  queue: WorkQueue;
  reconcile: Reconcile;
  workers: number;
  clock: Clock;
  log: Log;
  /** Errors that are in the nature of things (a conflict, a server that is restarting): retried without a warning. */
  isExpected: (thrown: unknown) => boolean;
  record: (run: RunRecord) => void;
};

/** Works until the queue is shut; then every run under way ends first. Never rejects. */
export const runController = async (options: ControllerOptions): Promise<void> => {
  await Promise.all(Array.from({length: options.workers}, () => work(options)));
};

const work = async (options: ControllerOptions): Promise<void> => {
  for (;;) {
    const next = await options.queue.take();
    if (!next) return;
    await runOnce(options, next);
  }
};

const runOnce = async (options: ControllerOptions, {key, queuedMs}: Work): Promise<void> => {
  const {queue, clock} = options;
  const startMs = clock.monotonic();
  const ended = (label: RunLabel, panicked = false) =>
    options.record({
      label,
      panicked,
      seconds: (clock.monotonic() - startMs) / 1000,
      queuedSeconds: queuedMs / 1000,
    });
  try {
    const {requeueAfterMs} = await options.reconcile(key);
    queue.forget(key);
    // Counted from what the run saw, not from when its writes were done.
    if (requeueAfterMs !== undefined) queue.addAfter(key, requeueAfterMs - (clock.monotonic() - startMs));
    ended(requeueAfterMs === undefined ? 'success' : 'requeue_after');
  } catch (thrown) {
    const pauseMs = queue.retry(key);
    ended('error', isPanic(thrown));
    report(options, key, thrown, pauseMs);
  } finally {
    queue.done(key);
  }
};

/** What only a mistake in our own code throws. */
const isPanic = (thrown: unknown): boolean =>
  thrown instanceof TypeError || thrown instanceof RangeError || thrown instanceof ReferenceError;

const report = (options: ControllerOptions, key: string, thrown: unknown, pauseMs: number): void => {
  const fields = {key, error: messageOf(thrown), retryAfterMs: Math.round(pauseMs)};
  if (options.isExpected(thrown)) {
    options.log.debug('run ended early, trying again', fields);
    return;
  }
  const stack = thrown instanceof Error ? thrown.stack : undefined;
  options.log.error('run failed, trying again', {...fields, ...(isPanic(thrown) && {stack})});
};
