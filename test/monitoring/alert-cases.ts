/** Series by their selector, with values a minute apart in promtool's notation (`0x5` is six zeros, `1+2x3` is 1 3 5 7). */
type Series = Record<string, string>;

type Quiet = {why: string; series: Series; at: string};

/** When an alert fires, with what it says, and when it must not. */
export type AlertCase = {
  alert: string;
  series: Series;
  at: string;
  labels: Record<string, string>;
  summary: string;
  quiet: [Quiet, ...Quiet[]];
};

const MIB = 1024 * 1024;
const APP = 'namespace="shop", pod="checkout-1", container="app", id="/kubepods/x", instance="n1"';
const POD = 'namespace="shop", pod="checkout-1", container="", id="/kubepods", instance="n1"';
const memory = (rssMib: number, workingSetMib: number, container = APP): Series => ({
  [`container_memory_rss{${container}}`]: `${rssMib * MIB}x60`,
  [`container_memory_working_set_bytes{${container}}`]: `${workingSetMib * MIB}x60`,
});
const replica = (instance: string): string => `job="memoryprobe", instance="${instance}"`;
const leads = (instance: string, value: string): Series => ({
  [`leader_election_master_status{name="memoryprobe-operator", ${replica(instance)}}`]: value,
});
const depth = (instance: string, value: string): Series => ({
  [`workqueue_depth{name="memoryprobe", controller="memoryprobe", ${replica(instance)}}`]: value,
});
const runs = (total: string, errors: string): Series => ({
  'controller_runtime_reconcile_total{controller="memoryprobe", result="success"}': total,
  'controller_runtime_reconcile_errors_total{controller="memoryprobe"}': errors,
});
const verdicts = (verdict: string, reason: string, values: string): Series => ({
  [`memoryprobe_verdicts_total{verdict="${verdict}", reason="${reason}"}`]: values,
});

export const ALERT_CASES: AlertCase[] = [
  {
    alert: 'ContainerRSSFarAboveWorkingSet',
    series: memory(500, 200),
    at: '16m',
    labels: {severity: 'info', namespace: 'shop', pod: 'checkout-1', container: 'app'},
    summary: 'RSS of shop/checkout-1 (app) is 300MiB above its working set',
    quiet: [
      {why: 'it has not lasted', series: memory(500, 200), at: '10m'},
      {why: 'the difference is small', series: memory(300, 200), at: '16m'},
      {why: 'it is a small share', series: memory(4000, 3600), at: '16m'},
      {why: 'the working set is above, as it is with page cache', series: memory(200, 900), at: '16m'},
      {
        why: 'it is the sum of a pod whose containers are told',
        series: {...memory(500, 200, POD), ...memory(200, 190)},
        at: '16m',
      },
      {
        why: "it is the pod's sandbox",
        series: memory(500, 200, `${POD}, image="pause:1"`),
        at: '16m',
      },
      {
        why: 'the working set is not known',
        series: {[`container_memory_rss{${APP}}`]: `${900 * MIB}x60`},
        at: '16m',
      },
    ],
  },
  {
    alert: 'MemoryProbeNoLeader',
    series: {...leads('a', '1x2 0x20'), ...leads('b', '0x22')},
    at: '7m',
    labels: {severity: 'warning'},
    summary: 'No MemoryProbe operator leads',
    quiet: [
      {
        why: 'the lead goes from one to the other',
        series: {...leads('a', '1x3 0x9'), ...leads('b', '0x4 1x8')},
        at: '8m',
      },
      {why: 'one leads', series: {...leads('a', '0x20'), ...leads('b', '1x20')}, at: '7m'},
    ],
  },
  {
    alert: 'MemoryProbeBalloonOverdue',
    series: {
      [`memoryprobe_overdue_balloons{${replica('a')}}`]: '0x2 1x9',
      [`memoryprobe_overdue_balloons{${replica('b')}}`]: '0x2 1x9',
    },
    at: '5m',
    labels: {severity: 'critical'},
    summary: '1 balloon pod(s) should have ended and have not',
    quiet: [{why: 'none is overdue', series: {memoryprobe_overdue_balloons: '0x9'}, at: '5m'}],
  },
  {
    alert: 'MemoryProbeRepairFailed',
    series: {memoryprobe_failed_repairs_total: '0x5 1x30'},
    at: '8m',
    labels: {severity: 'critical'},
    summary: 'A repair failed: the memory limit of a target pod may still be changed',
    quiet: [{why: 'it was long ago', series: {memoryprobe_failed_repairs_total: '0x5 1x200'}, at: '100m'}],
  },
  {
    alert: 'MemoryProbeOperatorPanics',
    series: {'controller_runtime_reconcile_panics_total{controller="memoryprobe"}': '0x5 1x30'},
    at: '8m',
    labels: {severity: 'warning'},
    summary: 'The MemoryProbe operator made a mistake of its own',
    quiet: [
      {
        why: "it is another operator's",
        series: {'controller_runtime_reconcile_panics_total{controller="other"}': '0x5 1x30'},
        at: '8m',
      },
    ],
  },
  {
    alert: 'MemoryProbeReconcileErrors',
    series: runs('0+100x60', '0+80x60'),
    at: '30m',
    labels: {severity: 'warning'},
    summary: "80% of the MemoryProbe operator's runs fail",
    quiet: [
      {why: 'a fifth fail', series: runs('0+100x60', '0+20x60'), at: '30m'},
      {why: 'nothing runs', series: runs('5x60', '5x60'), at: '30m'},
    ],
  },
  {
    alert: 'MemoryProbeReconcileStuck',
    series: {'workqueue_longest_running_processor_seconds{name="memoryprobe"}': '0+60x9'},
    at: '4m',
    labels: {severity: 'warning'},
    summary: 'A run of the MemoryProbe operator has been under way for 4m 0s',
    quiet: [
      {
        why: 'runs come and go',
        series: {'workqueue_longest_running_processor_seconds{name="memoryprobe"}': '0 90 0 90 0 90'},
        at: '4m',
      },
    ],
  },
  {
    alert: 'MemoryProbeQueueNotEmpty',
    series: {...leads('a', '1x60'), ...depth('a', '3x60')},
    at: '20m',
    labels: {severity: 'warning'},
    summary: '3 MemoryProbe(s) have been due for 15 minutes without a pause',
    quiet: [
      {
        why: 'the queue is that of a replica that stands by',
        series: {...leads('a', '1x60'), ...depth('a', '0x60'), ...leads('b', '0x60'), ...depth('b', '9x60')},
        at: '20m',
      },
      {why: 'it was empty once', series: {...leads('a', '1x60'), ...depth('a', '3x9 0 3x50')}, at: '20m'},
    ],
  },
  {
    alert: 'MemoryProbeLeak',
    series: verdicts('Leak', 'FloorGrows', '0x5 1x30'),
    at: '8m',
    labels: {severity: 'warning', reason: 'FloorGrows'},
    summary: 'A MemoryProbe found a leak (FloorGrows)',
    quiet: [{why: 'it was held', series: verdicts('Held', 'FloorFlat', '0x5 1x30'), at: '8m'}],
  },
  {
    alert: 'MemoryProbeMostlyInconclusive',
    series: {
      ...verdicts('Inconclusive', 'GuardTripped', '0 1 2 3 4 4x60'),
      ...verdicts('Held', 'HeldIdle', '0 0 1 1 1 1x60'),
    },
    at: '20m',
    labels: {severity: 'info'},
    summary: 'Most MemoryProbes of the last hour ended without an answer',
    quiet: [
      {why: 'there are few of them', series: verdicts('Inconclusive', 'Busy', '0 1 2 2x60'), at: '20m'},
      {
        why: 'most were answered',
        series: {
          ...verdicts('Inconclusive', 'GuardTripped', '0 1 1x60'),
          ...verdicts('Held', 'HeldIdle', '0 1 2 3 4 5 5x60'),
        },
        at: '20m',
      },
    ],
  },
  {
    alert: 'MemoryProbeGuardsTrip',
    series: {'memoryprobe_guard_trips_total{guard="minNodeAvailable"}': '0x3 1 2 3 4 5 5x60'},
    at: '61m',
    labels: {severity: 'info', guard: 'minNodeAvailable'},
    summary: 'The guard minNodeAvailable ended 5 squeezes within an hour',
    quiet: [
      {why: 'two did', series: {'memoryprobe_guard_trips_total{guard="refaults"}': '0 1 2 2x60'}, at: '61m'},
    ],
  },
];
