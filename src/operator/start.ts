import type {ProbeSpec} from '../api/spec.ts';
import type {Lifecycle} from '../domain/lifecycle.ts';
import type {Failure} from '../domain/report.ts';
import type {Action, Decision} from './actions.ts';
import {UNINSTALLED} from './cause.ts';
import type {Budget, Facts, TargetFact} from './facts.ts';
import {finish} from './finish.ts';
import {DEADLINE_GRACE_SECONDS, waitLimitMs} from './limits.ts';
import {refusalOf} from './permission.ts';
import {hasFinalizer} from './removal.ts';
import {settingsOf} from './repair.ts';
import {sayWhy} from './stop-switch.ts';
import {reportUnderway} from './underway.ts';

type Found = Extract<TargetFact, {state: 'Found'}>;

/** A probe that has no balloon pod yet. */
export const decideStart = (facts: Facts, spec: ProbeSpec): Decision => {
  const {target, spent} = facts;
  const obstacle = findObstacle(facts, spec);
  if (obstacle || target?.state !== 'Found') return obstacle ?? {actions: [], requeueAfterMs: 1000};
  return spent ? report(facts, tellSpent(facts, spent), target) : launch(facts, spec, target);
};

/** What there is to do instead of giving it a balloon pod; undefined when only a budget could still be in the way. */
export const findObstacle = (facts: Facts, spec: ProbeSpec): Decision | undefined => {
  if (facts.isEnding) return finish(facts, {spec, failure: UNINSTALLED});
  const refusal = refusalOf(facts, spec);
  if (refusal) return finish(facts, {spec, failure: refusal});
  const {target, stop} = facts;
  if (stop) return report(facts, tellStop(stop));
  if (!target) return {actions: [], requeueAfterMs: 1000};
  if (target.state === 'Awaited') return waitFor(facts, spec, target.failure);
  if (target.state !== 'Found') return finish(facts, {spec, failure: target.failure});
  return findObstacleOnNode(facts, spec, target);
};

const findObstacleOnNode = (facts: Facts, spec: ProbeSpec, target: Found): Decision | undefined => {
  const {nodeName} = target.identity;
  if (facts.ahead !== undefined) return report(facts, tellBusy(facts, facts.ahead, nodeName), target);
  if (facts.node?.underMemoryPressure)
    return waitFor(facts, spec, {
      reason: 'BalloonUnschedulable',
      message: `node ${nodeName} is under memory pressure: a balloon would make it worse`,
    });
  return findRefusal(facts, spec);
};

/** Nobody lets a balloon pod be made: Pod Security, another policy, or a quota of the operator's namespace. */
const findRefusal = (facts: Facts, spec: ProbeSpec): Decision | undefined => {
  const {balloonRefusal, nowMs} = facts;
  if (!balloonRefusal || nowMs - balloonRefusal.sinceMs < waitLimitMs(spec.guards)) return undefined;
  const message = `the API server lets no balloon pod be made: ${balloonRefusal.message}`;
  return finish(facts, {spec, failure: {reason: 'NotPermitted', message}});
};

const tellStop = (stop: {reason?: string}): Lifecycle => ({
  stage: 'StopSwitch',
  message: `an administrator holds all probes${sayWhy(stop)}`,
});

/** A probe of another namespace is not named: that it is there is nobody else's business. */
const tellBusy = ({probe}: Facts, ahead: string, nodeName: string): Lifecycle => {
  const isOurs = ahead.startsWith(`${probe.metadata.namespace}/`);
  const other = isOurs ? `probe ${ahead}` : 'a probe of another namespace';
  return {
    stage: 'NodeBusy',
    message: `one probe at a time on a node: ${other} comes first on node ${nodeName}`,
  };
};

const tellSpent = ({probe}: Facts, {of, limit}: Budget): Lifecycle => {
  const where = of === 'cluster' ? 'the cluster' : `namespace ${probe.metadata.namespace}`;
  return {
    stage: 'BudgetSpent',
    message: `at most ${limit} probes run at once in ${where} (chart value budgets.${of}): it waits for one to end`,
  };
};

const BUSY_LOOK_MS = 30_000;

const report = (facts: Facts, lifecycle: Lifecycle, target?: Found): Decision => ({
  actions: reportUnderway(facts, {lifecycle, target: target?.identity}),
  requeueAfterMs: BUSY_LOOK_MS,
});

/** Finalizer and status first: whatever is cut off after the pod was made, it is known whose it is. */
const launch = (facts: Facts, spec: ProbeSpec, target: Found): Decision => {
  const {identity, tolerations} = target;
  const lifecycle: Lifecycle = {
    stage: 'Scheduling',
    message: `the balloon pod for container "${identity.container}" of pod ${identity.podName} goes to node ${identity.nodeName}`,
  };
  const first: Action[] = hasFinalizer(facts) ? [] : [{do: 'addFinalizer'}];
  return {
    actions: [
      ...first,
      ...reportUnderway(facts, {lifecycle, target: identity}),
      {
        do: 'createPod',
        order: {
          component: 'balloon',
          settings: settingsOf(facts, spec, identity),
          tolerations,
          activeDeadlineSeconds: spec.guards.deadlineSeconds + DEADLINE_GRACE_SECONDS,
        },
      },
    ],
  };
};

/** A target that is not there yet often arrives in the same release as its probe. */
const waitFor = (facts: Facts, spec: ProbeSpec, failure: Failure): Decision => {
  const {probe, nowMs} = facts;
  const sinceMs = probe.status?.startTime === undefined ? nowMs : Date.parse(probe.status.startTime);
  const leftMs = sinceMs + waitLimitMs(spec.guards) - nowMs;
  if (leftMs <= 0) return finish(facts, {spec, failure});
  const lifecycle: Lifecycle = {stage: 'WaitingForTarget', message: `${failure.reason}: ${failure.message}`};
  return {actions: reportUnderway(facts, {lifecycle}), requeueAfterMs: leftMs};
};
