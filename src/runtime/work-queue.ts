import {type Backoff, backoffMs} from '../lib/backoff.ts';
import type {Clock} from '../lib/clock.ts';

export type WorkQueueOptions = {clock: Clock; random: () => number; backoff: Backoff};

/** What a queue tells of itself. `waiting`: keys whose time has not come; seconds are those of the runs under way. */
export type Figures = {
  depth: number;
  running: number;
  waiting: number;
  adds: number;
  retries: number;
  unfinishedSeconds: number;
  longestRunningSeconds: number;
};

/** When a key was handed out, and when it had been asked for. */
export type Work = {key: string; queuedMs: number};

/**
 * A queue of keys, not of events: a key that is added ten times is handed out once, and never while it is being
 * worked on; what is added meanwhile is handed out again afterwards. Nothing is kept of a key that is idle.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  /** Keys that are due, in order, with the time at which they became due. */
  readonly #due = new Map<string, number>();
  /** Keys that are worked on, with the time at which they were handed out. */
  readonly #running = new Map<string, number>();
  /** Keys that were added while they ran. */
  readonly #again = new Set<string>();
  readonly #timers = new Map<string, {at: number; cancel: () => void}>();
  readonly #failures = new Map<string, number>();
  readonly #waiters: Array<(work: Work | undefined) => void> = [];
  #adds = 0;
  #retries = 0;
  #open = true;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  /** Makes the key due now. A timer that was set for it is dropped: a run looks at everything. */
  add(key: string): void {
    if (!this.#open) return;
    this.#adds += 1;
    this.#dropTimer(key);
    if (this.#running.has(key)) {
      this.#again.add(key);
      return;
    }
    if (!this.#due.has(key)) this.#due.set(key, this.#options.clock.monotonic());
    this.#handOut();
  }

  /** Makes the key due after a while; of two such wishes the earlier one wins. */
  addAfter(key: string, milliseconds: number): void {
    if (!this.#open) return;
    if (milliseconds <= 0) {
      this.add(key);
      return;
    }
    if (this.#due.has(key)) return;
    const {clock} = this.#options;
    const at = clock.monotonic() + milliseconds;
    const set = this.#timers.get(key);
    if (set && set.at <= at) return;
    set?.cancel();
    const cancel = clock.after(milliseconds, () => {
      this.#timers.delete(key);
      this.add(key);
    });
    this.#timers.set(key, {at, cancel});
  }

  /** Makes the key due after a pause that doubles with each failure in a row. Answers the pause in milliseconds. */
  retry(key: string): number {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.#retries += 1;
    const pauseMs = backoffMs(this.#options.backoff, failures, this.#options.random);
    this.addAfter(key, pauseMs);
    return pauseMs;
  }

  /** The key's run went well: the next failure is again the first. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** The next key that is due; waits for one. Undefined once the queue is shut. Every key must be given back. */
  take(): Promise<Work | undefined> {
    if (!this.#open) return Promise.resolve(undefined);
    return new Promise(resolve => {
      this.#waiters.push(resolve);
      this.#handOut();
    });
  }

  /** Gives a key back: it may be handed out again, and is at once if it was added meanwhile. */
  done(key: string): void {
    this.#running.delete(key);
    if (!this.#again.delete(key) || !this.#open) return;
    this.#dropTimer(key);
    this.#due.set(key, this.#options.clock.monotonic());
    this.#handOut();
  }

  /** Nothing is handed out any more; whoever waits gets undefined. */
  shut(): void {
    this.#open = false;
    for (const {cancel} of this.#timers.values()) cancel();
    this.#timers.clear();
    this.#due.clear();
    this.#again.clear();
    for (const waiter of this.#waiters.splice(0)) waiter(undefined);
  }

  get figures(): Figures {
    const nowMs = this.#options.clock.monotonic();
    const runningSeconds = [...this.#running.values()].map(sinceMs => (nowMs - sinceMs) / 1000);
    return {
      depth: this.#due.size,
      running: this.#running.size,
      waiting: this.#timers.size,
      adds: this.#adds,
      retries: this.#retries,
      unfinishedSeconds: runningSeconds.reduce((sum, seconds) => sum + seconds, 0),
      longestRunningSeconds: Math.max(0, ...runningSeconds),
    };
  }

  #handOut(): void {
    for (const [key, since] of this.#due) {
      const waiter = this.#waiters.shift();
      if (!waiter) return;
      this.#due.delete(key);
      const nowMs = this.#options.clock.monotonic();
      this.#running.set(key, nowMs);
      waiter({key, queuedMs: nowMs - since});
    }
  }

  #dropTimer(key: string): void {
    this.#timers.get(key)?.cancel();
    this.#timers.delete(key);
  }
}
