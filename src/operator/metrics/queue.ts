import {Counter, Gauge, Histogram, type Registry} from 'prom-client';
import type {RunRecord} from '../../runtime/controller.ts';
import type {Figures} from '../../runtime/work-queue.ts';
import {CONTROLLER} from './runs.ts';

/** As client-go's: a key waits for microseconds on a quiet cluster, for minutes behind others. */
const SECONDS = [0.0001, 0.001, 0.01, 0.1, 1, 10, 60, 600];
const labelNames = ['name', 'controller'] as const;
const OURS = {name: CONTROLLER, controller: CONTROLLER};

/** How long keys waited and how long their runs took. */
export const createQueueTimes = (registers: Registry[]): ((run: RunRecord) => void) => {
  const queued = new Histogram({
    name: 'workqueue_queue_duration_seconds',
    help: 'How long a key was due before it was worked on, in seconds.',
    labelNames,
    buckets: SECONDS,
    registers,
  });
  const worked = new Histogram({
    name: 'workqueue_work_duration_seconds',
    help: 'How long a key was worked on, in seconds.',
    labelNames,
    buckets: SECONDS,
    registers,
  });
  return run => {
    queued.observe(OURS, run.queuedSeconds);
    worked.observe(OURS, run.seconds);
  };
};

/** What the queue knows of itself, read when somebody asks. */
export const observeQueue = (registers: Registry[], queue: {figures: Figures}): void => {
  const gauge = (name: string, help: string, read: (figures: Figures) => number, labels: object = OURS) =>
    new Gauge({
      name,
      help,
      labelNames: Object.keys(labels),
      registers,
      collect() {
        this.set({...labels}, read(queue.figures));
      },
    });
  const counter = (name: string, help: string, read: (figures: Figures) => number) =>
    new Counter({
      name,
      help,
      labelNames,
      registers,
      collect() {
        this.reset();
        this.inc(OURS, read(queue.figures));
      },
    });
  gauge('workqueue_depth', 'Keys that are due and not worked on yet.', ({depth}) => depth);
  counter('workqueue_adds_total', 'Keys that were added, however often they were due already.', f => f.adds);
  counter('workqueue_retries_total', 'Keys that were added again because their run failed.', f => f.retries);
  gauge(
    'workqueue_unfinished_work_seconds',
    'Seconds that the runs under way have taken so far, all together; it grows while something is stuck.',
    ({unfinishedSeconds}) => unfinishedSeconds,
  );
  gauge(
    'workqueue_longest_running_processor_seconds',
    'Seconds that the oldest run under way has taken so far.',
    ({longestRunningSeconds}) => longestRunningSeconds,
  );
  gauge('controller_runtime_active_workers', 'Runs under way.', ({running}) => running, {
    controller: CONTROLLER,
  });
};
