import {Counter, Gauge, Histogram, type Registry} from 'prom-client';
import {HEADROOM_GUARD} from '../../domain/plan.ts';
import {REASONS} from '../../domain/reasons.ts';
import type {MemoryProbe} from '../../kube/types.ts';
import {type Note, REPAIR_FAILED} from '../actions.ts';
import type {PodCounts} from '../pod-counts.ts';
import type {Status} from '../status.ts';

/** Every guard that can end a squeeze: those of spec.guards, the agent's own and the guardian's own. */
const GUARDS = [
  'minNodeAvailable',
  'maxPressurePercent',
  'maxCacheReclaimed',
  'refaults',
  'agentSilent',
  HEADROOM_GUARD,
];
/** From a look without pressure to a day of rounds. */
const SECONDS = [2.5, 5, 10, 20, 40, 60, 120, 300, 600, 1800, 3600, 14_400, 86_400];

/** Counts what becomes of probes. A verdict is counted by the operator that wrote it, when it was written. */
export const createProbeMetrics = (registers: Registry[]): Note => {
  const recordEnd = createEndMetrics(registers);
  const failedRepairs = new Counter({
    name: 'memoryprobe_failed_repairs_total',
    help: 'Repairs that did not end well: a limit of a target pod may still be changed.',
    registers,
  });
  return (probe, action) => {
    if (action.do === 'writeStatus') recordEnd(probe, action.status);
    if (action.do === 'recordEvent' && action.event.reason === REPAIR_FAILED) failedRepairs.inc();
  };
};

const createEndMetrics = (registers: Registry[]) => {
  const verdicts = new Counter({
    name: 'memoryprobe_verdicts_total',
    help: 'Verdicts that were written, by outcome and reason.',
    labelNames: ['verdict', 'reason'],
    registers,
  });
  const seconds = new Histogram({
    name: 'memoryprobe_time_to_verdict_seconds',
    help: "From a MemoryProbe's creation to its verdict, in seconds, waiting included.",
    labelNames: ['verdict'],
    buckets: SECONDS,
    registers,
  });
  const reclaimed = new Counter({
    name: 'memoryprobe_reclaimed_bytes_total',
    help: 'Bytes of anon + swap that squeezes took from targets (evidence.reclaimedBytes).',
    registers,
  });
  const trips = new Counter({
    name: 'memoryprobe_guard_trips_total',
    help: 'Squeezes that a guard ended, by guard (evidence.stopGuard of the last round).',
    labelNames: ['guard'],
    registers,
  });
  for (const [verdict, reasons] of Object.entries(REASONS)) {
    seconds.zero({verdict});
    for (const reason of reasons) verdicts.inc({verdict, reason}, 0);
  }
  for (const guard of GUARDS) trips.inc({guard}, 0);
  return ({metadata}: MemoryProbe, {verdict, reason, evidence, completionTime}: Status): void => {
    if (verdict === undefined || completionTime === undefined) return;
    verdicts.inc({verdict, reason: reason ?? ''});
    const tookMs = Date.parse(completionTime) - Date.parse(metadata.creationTimestamp);
    seconds.observe({verdict}, Math.max(0, tookMs / 1000));
    // Missing is not zero, but it adds nothing.
    if (evidence?.reclaimedBytes !== undefined) reclaimed.inc(evidence.reclaimedBytes);
    if (evidence?.stopCause === 'Guard') trips.inc({guard: evidence.stopGuard ?? 'unknown'});
  };
};

/** Read when somebody asks. Every replica watches the pods, so these are the same on all of them: take the maximum. */
export const observePods = (registers: Registry[], count: () => PodCounts): void => {
  const gauge = (name: string, help: string, read: (counts: PodCounts) => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read(count()));
      },
    });
  gauge(
    'memoryprobe_active_balloons',
    'Balloon pods that have not ended: each may hold memory.',
    counts => counts.balloons,
  );
  gauge('memoryprobe_active_repairs', 'Repair pods that have not ended.', counts => counts.repairs);
  gauge(
    'memoryprobe_overdue_balloons',
    'Balloon pods that should have ended by their own deadline and 60 s, and have not.',
    counts => counts.overdue,
  );
};
