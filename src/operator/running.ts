import type {ProbeSpec} from '../api/spec.ts';
import type {Lifecycle} from '../domain/lifecycle.ts';
import type {Failure} from '../domain/report.ts';
import type {TargetIdentity} from '../domain/settings.ts';
import {type Action, type Decision, REPAIR_FAILED} from './actions.ts';
import {causeOfEnd, causeToStop, matchingReport} from './cause.ts';
import type {Facts, PodFact} from './facts.ts';
import {finish} from './finish.ts';
import {isNodeLost, NODE_LOOK_MS, overrunAtMs, PULL_PATIENCE_MS, STARTING_MS, waitLimitMs} from './limits.ts';
import {hasFinalizer, removePods} from './removal.ts';
import {planRepair} from './repair.ts';
import {identityOf} from './status.ts';
import {reportUnderway} from './underway.ts';

/** A probe whose balloon pod was seen at least once. */
export const decideRunning = (facts: Facts, spec: ProbeSpec): Decision => {
  const {balloon, probe} = facts;
  const target = identityOf(probe);
  if (!target) return finish(facts, {spec, failure: {reason: 'ReportMissing', message: NO_IDENTITY}});
  return balloon?.present && !balloon.ended
    ? decideAlive(facts, spec, {pod: balloon, target})
    : decideEnded(facts, spec, target);
};

const NO_IDENTITY = 'the status does not say any more which container this probe started with';

type Alive = {pod: PodFact; target: TargetIdentity};

const decideAlive = (facts: Facts, spec: ProbeSpec, {pod, target}: Alive): Decision => {
  const failure = causeToStop(facts, pod, spec.guards);
  if (!failure && pod.deleteByMs === undefined) return watch(facts, spec, {pod, target});
  if (failure && (!pod.mayHaveRun || isNodeLost(facts.node, facts.nowMs)))
    return finish(facts, {spec, failure, target});
  // It may hold memory and a changed limit: it is ended first, and judged by what it leaves.
  const {actions, requeueAfterMs = GONE_LOOK_MS} = removePods(facts, [pod]);
  return {actions, requeueAfterMs};
};

/** A pod that was removed by force is told of by the watch; this is for a watch that is down. */
const GONE_LOOK_MS = 1000;

/** Nothing is wrong: tell how far it is, and look again when something could be. */
const watch = (facts: Facts, spec: ProbeSpec, {pod, target}: Alive): Decision => {
  const {nowMs} = facts;
  const first: Action[] = hasFinalizer(facts) ? [] : [{do: 'addFinalizer'}];
  const lifecycle = lifecycleOf(pod, nowMs);
  const marks = [
    nowMs + NODE_LOOK_MS,
    overrunAtMs(pod, spec.guards),
    ...(pod.running
      ? []
      : [
          pod.createdMs + STARTING_MS,
          pod.createdMs + waitLimitMs(spec.guards),
          (pod.acceptedMs ?? pod.createdMs) + PULL_PATIENCE_MS,
        ]),
  ];
  const nextMs = Math.min(...marks.filter(mark => mark > nowMs));
  return {
    actions: [...first, ...(lifecycle ? reportUnderway(facts, {lifecycle, target}) : [])],
    requeueAfterMs: nextMs - nowMs,
  };
};

/** A pod that starts quickly is not worth a line before it runs. */
const lifecycleOf = (pod: PodFact, nowMs: number): Lifecycle | undefined => {
  if (pod.running)
    return {stage: 'Squeezing', message: `balloon pod ${pod.name} runs on node ${pod.nodeName}`};
  if (nowMs - pod.createdMs < STARTING_MS) return undefined;
  const why = pod.unschedulable ?? pod.waiting?.reason ?? 'it has not started yet';
  return {stage: 'Starting', message: `balloon pod ${pod.name} on node ${pod.nodeName}: ${why}`};
};

const decideEnded = (facts: Facts, spec: ProbeSpec, target: TargetIdentity): Decision => {
  const repair = planRepair(facts, spec, target);
  if (repair.state === 'Due') return repair;
  const failure = causeOfEnd({facts, guards: spec.guards, target});
  const problem = repair.state === 'Done' ? repair.problem : undefined;
  const decision = finish(facts, {
    spec,
    target,
    failure: failure && withProblem(failure, problem),
    report: matchingReport(facts.balloon, target),
  });
  return problem === undefined ? decision : {...decision, actions: [...decision.actions, tellOf(problem)]};
};

/** A verdict stands whatever became of the repair, so that is told beside it. */
const tellOf = (problem: string): Action => ({
  do: 'recordEvent',
  event: {
    type: 'Warning',
    reason: REPAIR_FAILED,
    action: 'Repair',
    note: `check the target pod's memory limit: its repair failed: ${problem}`,
  },
});

/** A repair that did not end well must be known to whoever owns the target. */
const withProblem = (failure: Failure, problem: string | undefined): Failure =>
  problem === undefined
    ? failure
    : {
        ...failure,
        message: `${failure.message}; check the pod's memory limit, its repair failed: ${problem}`,
      };
