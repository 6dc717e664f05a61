import {Counter, Gauge, Histogram, type Registry} from 'prom-client';
import type {RunRecord} from '../../runtime/controller.ts';

/** Value of the label `controller`, and of the work queue's `name`. */
export const CONTROLLER = 'memoryprobe';
const RESULTS = ['success', 'requeue_after', 'error'] as const;
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const labelNames = ['controller'] as const;
const OURS = {controller: CONTROLLER};

/** What controller-runtime counts of reconciles, under its names (pkg/internal/controller/metrics). */
export const createRunMetrics = (registers: Registry[], workers: number): ((run: RunRecord) => void) => {
  const total = new Counter({
    name: 'controller_runtime_reconcile_total',
    help: 'Runs of the reconcile loop, by how they ended: success, requeue_after or error.',
    labelNames: ['controller', 'result'],
    registers,
  });
  const errors = new Counter({
    name: 'controller_runtime_reconcile_errors_total',
    help: 'Runs that failed and are made again.',
    labelNames,
    registers,
  });
  const panics = new Counter({
    name: 'controller_runtime_reconcile_panics_total',
    help: "Runs that failed by a mistake in the operator's own code.",
    labelNames,
    registers,
  });
  const seconds = new Histogram({
    name: 'controller_runtime_reconcile_time_seconds',
    help: 'How long runs took, in seconds.',
    labelNames,
    buckets: SECONDS,
    registers,
  });
  new Gauge({
    name: 'controller_runtime_max_concurrent_reconciles',
    help: 'Probes that may be worked on at the same time.',
    labelNames,
    registers,
  }).set(OURS, workers);
  // What starts at 0 shows its first increase; what appears with 1 does not.
  for (const result of RESULTS) total.inc({...OURS, result}, 0);
  for (const counter of [errors, panics]) counter.inc(OURS, 0);
  return run => {
    total.inc({...OURS, result: run.label});
    seconds.observe(OURS, run.seconds);
    if (run.label === 'error') errors.inc(OURS);
    if (run.panicked) panics.inc(OURS);
  };
};
