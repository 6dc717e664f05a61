import {describeVerdict, type Status} from '../api/status.ts';
import type {Condition} from '../domain/condition.ts';
import {computeConditions, isComplete} from '../domain/conditions.ts';
import type {Evidence} from '../domain/evidence.ts';
import {derivePhase, type Lifecycle, type Stage} from '../domain/lifecycle.ts';
import type {TargetIdentity} from '../domain/settings.ts';
import type {Verdict} from '../domain/verdict.ts';
import type {MemoryProbe} from '../kube/types.ts';
import type {TimeMs} from './facts.ts';

export type {Status};

export const conditionsOf = (probe: MemoryProbe): Condition[] =>
  (probe.status?.conditions ?? []) as Condition[];

export const hasVerdict = (probe: MemoryProbe): boolean => isComplete(conditionsOf(probe));

/** The stage that the status tells of; absent before the first touch and after the end. */
export const stageOf = (probe: MemoryProbe): string | undefined =>
  conditionsOf(probe).find(({type}) => type === 'Reconciling')?.reason;

/** The identity that is fixed once the probe has started. */
export const identityOf = (probe: MemoryProbe): TargetIdentity | undefined => {
  const {podName, podUID, container, containerID, nodeName} = probe.status?.target ?? {};
  return podName && podUID && container && containerID && nodeName
    ? {podName, podUID, container, containerID, nodeName}
    : undefined;
};

/** RFC 3339, whole seconds. */
export const formatTime = (timeMs: TimeMs): string => new Date(timeMs).toISOString().replace(/\.\d+Z$/, 'Z');

const PROGRESS: Partial<Record<Stage, string>> = {
  Scheduling: 'Scheduling',
  Starting: 'Starting',
  Squeezing: 'Squeezing',
};

export type Underway = {lifecycle: Lifecycle; target?: TargetIdentity | undefined};

/** The status of a probe that has no verdict yet. */
export const describeUnderway = (
  probe: MemoryProbe,
  nowMs: TimeMs,
  {lifecycle, target}: Underway,
): Status => {
  const phase = PROGRESS[lifecycle.stage];
  return {
    ...describeCommon(probe, nowMs, {lifecycle}),
    ...(target && {target}),
    ...(phase !== undefined && {progress: {phase}}),
  };
};

export type End = {verdict: Verdict; evidence: Evidence; target?: TargetIdentity | undefined};

/** The last status: written once, with the evidence, never changed (invariant I4). */
export const describeEnd = (probe: MemoryProbe, nowMs: TimeMs, end: End): Status => ({
  ...describeCommon(probe, nowMs, {verdict: end.verdict}),
  completionTime: formatTime(nowMs),
  ...describeVerdict(end),
});

const describeCommon = (
  probe: MemoryProbe,
  nowMs: TimeMs,
  outcome: {lifecycle?: Lifecycle; verdict?: Verdict},
): Status => {
  const generation = probe.metadata.generation ?? 1;
  const conditions = computeConditions({
    ...outcome,
    previous: conditionsOf(probe),
    now: formatTime(nowMs),
    generation,
  });
  return {
    observedGeneration: generation,
    startTime: probe.status?.startTime ?? formatTime(nowMs),
    phase: derivePhase(conditions),
    conditions,
  };
};
