import type {ProbeSpec} from '../api/spec.ts';
import {judge} from '../domain/judge.ts';
import type {Failure, Report} from '../domain/report.ts';
import type {TargetIdentity} from '../domain/settings.ts';
import type {Verdict} from '../domain/verdict.ts';
import type {Action, Decision} from './actions.ts';
import type {Facts} from './facts.ts';
import {hasFinalizer, removePods} from './removal.ts';
import {describeEnd, type End} from './status.ts';

export type Ending = {
  spec: ProbeSpec;
  failure?: Failure | undefined;
  report?: Report | undefined;
  target?: TargetIdentity | undefined;
};

/** The verdict with its evidence, and only then the end of the pods. */
export const finish = (facts: Facts, {spec, failure, report, target}: Ending): Decision => {
  const evidence = report?.evidence ?? {};
  const verdict = judge({
    method: spec.pressure.method,
    criteria: spec.criteria,
    rounds: spec.rounds,
    evidence,
    ...(failure && {failure}),
  });
  return conclude(facts, {verdict, evidence, target});
};

export const conclude = (facts: Facts, end: End): Decision => {
  const cleared = clearAway(facts);
  return {
    ...cleared,
    actions: [
      {do: 'writeStatus', status: describeEnd(facts.probe, facts.nowMs, end)},
      ...cleared.actions,
      {do: 'recordEvent', event: eventOf(end.verdict)},
    ],
  };
};

/** Removes the pods, and the finalizer once none can exist any more (invariant I8). */
export const clearAway = (facts: Facts): Decision => {
  const {actions, complete, requeueAfterMs} = removePods(facts, [facts.balloon, facts.repair]);
  const last: Action[] = complete && hasFinalizer(facts) ? [{do: 'removeFinalizer'}] : [];
  return {actions: [...actions, ...last], ...(requeueAfterMs !== undefined && {requeueAfterMs})};
};

const eventOf = ({outcome, reason, message}: Verdict) => ({
  type: outcome === 'Reclaimable' || outcome === 'Held' ? ('Normal' as const) : ('Warning' as const),
  reason: outcome,
  action: 'Judge',
  note: `${reason}: ${message}`,
});
