import {Counter, collectDefaultMetrics, Gauge, Registry} from 'prom-client';
import {LEASE_NAME} from '../api/names.ts';
import type {CallRecord} from '../kube/rest.ts';
import type {RunRecord} from '../runtime/controller.ts';
import type {WorkQueue} from '../runtime/work-queue.ts';
import type {Note} from './actions.ts';
import {createProbeMetrics, observePods} from './metrics/probes.ts';
import {createQueueTimes, observeQueue} from './metrics/queue.ts';
import {createRunMetrics} from './metrics/runs.ts';
import type {PodCounts} from './pod-counts.ts';

export type Metrics = {
  registry: Registry;
  recordCall: (call: CallRecord) => void;
  recordRun: (run: RunRecord) => void;
  note: Note;
  setLeading: (leading: boolean) => void;
  observeQueue: (queue: Pick<WorkQueue, 'figures'>) => void;
  observePods: (count: () => PodCounts) => void;
};

/** controller-runtime's names for what they name, so that dashboards for other operators work here: docs/metrics.md. */
export const createMetrics = (workers: number): Metrics => {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({register: registry});
  const recordRun = createRunMetrics(registers, workers);
  const recordTimes = createQueueTimes(registers);
  const calls = new Counter({
    name: 'rest_client_requests_total',
    help: 'Requests to the API server, by method and status code; `<error>` where no answer came.',
    labelNames: ['method', 'code'],
    registers,
  });
  const leading = new Gauge({
    name: 'leader_election_master_status',
    help: '1 while this process leads, by the name of the Lease.',
    labelNames: ['name'],
    registers,
  });
  leading.set({name: LEASE_NAME}, 0);
  return {
    registry,
    recordCall: ({method, code}) => calls.inc({method, code}),
    recordRun: run => {
      recordRun(run);
      recordTimes(run);
    },
    note: createProbeMetrics(registers),
    setLeading: is => leading.set({name: LEASE_NAME}, is ? 1 : 0),
    observeQueue: queue => observeQueue(registers, queue),
    observePods: count => observePods(registers, count),
  };
};
