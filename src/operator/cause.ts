import type {Failure, Report} from '../domain/report.ts';
import type {GuardSettings, TargetIdentity} from '../domain/settings.ts';
import type {FailureReason} from '../domain/verdict.ts';
import type {Facts, PodFact} from './facts.ts';
import {isNodeLost, overrunAtMs, PULL_PATIENCE_MS, waitLimitMs} from './limits.ts';
import {sayWhy} from './stop-switch.ts';

type Question = {facts: Facts; pod: PodFact; guards: GuardSettings};
type Rule = (question: Question) => Failure | undefined;

const fail = (reason: FailureReason, message: string): Failure => ({reason, message});

/** What a probe is told that has no verdict when MemoryProbe is removed. */
export const UNINSTALLED = fail(
  'Uninstalled',
  'MemoryProbe was removed from the cluster before this probe had a verdict',
);

const ending: Rule = ({facts: {isEnding}}) => (isEnding ? UNINSTALLED : undefined);

const targetLost: Rule = ({facts: {target}}) => (target?.state === 'Lost' ? target.failure : undefined);

const stopped: Rule = ({facts: {stop}}) =>
  stop ? fail('StopSwitch', `an administrator stopped all probes${sayWhy(stop)}`) : undefined;

const nodeLost: Rule = ({facts: {node, nowMs}}) =>
  isNodeLost(node, nowMs)
    ? fail(
        'ReportMissing',
        node?.exists
          ? `the kubelet of node ${node.name} is not heard of any more`
          : `node ${node?.name} does not exist any more`,
      )
    : undefined;

/** Reasons that no second try cures, and those that it may. */
const BAD_IMAGE = ['InvalidImageName', 'ErrImageNeverPull'];
const NO_IMAGE = ['ErrImagePull', 'ImagePullBackOff', 'RegistryUnavailable', 'ImageInspectError'];
const BAD_CONTAINER = [
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'StartError',
];

const waitedMs = ({facts, pod}: Question): number => facts.nowMs - (pod.acceptedMs ?? pod.createdMs);

const imageMissing: Rule = question => {
  const {waiting} = question.pod;
  if (!waiting) return undefined;
  const isBad = BAD_IMAGE.includes(waiting.reason);
  const isLate =
    NO_IMAGE.includes(waiting.reason) && (!question.pod.present || waitedMs(question) >= PULL_PATIENCE_MS);
  return isBad || isLate
    ? fail(
        'BalloonImage',
        `the image of the balloon pod cannot be had: ${waiting.reason}, ${waiting.message}`,
      )
    : undefined;
};

const containerRefused: Rule = question => {
  const {waiting} = question.pod;
  return waiting && BAD_CONTAINER.includes(waiting.reason) && waitedMs(question) >= PULL_PATIENCE_MS
    ? fail(
        'BalloonFailed',
        `the balloon pod's container does not start: ${waiting.reason}, ${waiting.message}`,
      )
    : undefined;
};

const unschedulable: Rule = ({facts, pod, guards}) =>
  pod.unschedulable !== undefined && facts.nowMs - pod.createdMs >= waitLimitMs(guards)
    ? fail('BalloonUnschedulable', `the scheduler finds no place for the balloon pod: ${pod.unschedulable}`)
    : undefined;

const overrun: Rule = ({facts, pod, guards}) =>
  facts.nowMs >= overrunAtMs(pod, guards)
    ? fail(
        'DeadlineExceeded',
        `the balloon pod had not ended ${guards.deadlineSeconds} s after its start (spec.guards.deadlineSeconds)`,
      )
    : undefined;

const RULES: readonly Rule[] = [
  targetLost,
  ending,
  stopped,
  nodeLost,
  imageMissing,
  containerRefused,
  unschedulable,
  overrun,
];

const firstOf = (rules: readonly Rule[], question: Question): Failure | undefined => {
  for (const rule of rules) {
    const failure = rule(question);
    if (failure) return failure;
  }
  return undefined;
};

/** Why a balloon pod that has not ended should not go on; undefined while it should. */
export const causeToStop = (facts: Facts, pod: PodFact, guards: GuardSettings): Failure | undefined =>
  firstOf(RULES, {facts, pod, guards});

const refusedByKubelet: Rule = ({pod}) =>
  pod.failure?.startsWith('OutOf')
    ? fail('BalloonUnschedulable', `the kubelet refused the balloon pod: ${pod.ending}`)
    : undefined;

const endedByKubelet: Rule = ({pod, guards}) =>
  pod.failure === 'DeadlineExceeded'
    ? fail(
        'DeadlineExceeded',
        `the kubelet ended the balloon pod after ${guards.deadlineSeconds} s (spec.guards.deadlineSeconds)`,
      )
    : undefined;

const neverRan: Rule = ({pod}) =>
  pod.mayHaveRun
    ? undefined
    : fail('BalloonFailed', `the balloon pod did not run: ${pod.ending ?? 'it was deleted'}`);

const noReport: Rule = ({pod}) =>
  fail('ReportMissing', `the balloon pod ended without a report: ${pod.ending ?? 'it was deleted'}`);

const ENDINGS: readonly Rule[] = [
  imageMissing,
  refusedByKubelet,
  endedByKubelet,
  overrun,
  neverRan,
  noReport,
];

/** A report is only believed about the very container that the probe started with (invariant I5). */
export const matchingReport = (pod: PodFact | undefined, target: TargetIdentity): Report | undefined =>
  pod?.report?.podUID === target.podUID && pod.report.containerID === target.containerID
    ? pod.report
    : undefined;

export type Ended = {facts: Facts; guards: GuardSettings; target: TargetIdentity};

/** Why there is no evidence to judge by; undefined when there is a report without a failure. */
export const causeOfEnd = ({facts, guards, target}: Ended): Failure | undefined => {
  const {balloon} = facts;
  const report = matchingReport(balloon, target);
  if (report && !report.failure) return undefined;
  if (!balloon) return fail('ReportMissing', 'the balloon pod was gone before its report could be read');
  const question = {facts, pod: balloon, guards};
  // What made us end the pod explains more than what the pod said when it was ended.
  const ours =
    balloon.deleteByMs === undefined ? undefined : firstOf([targetLost, ending, stopped, nodeLost], question);
  return ours ?? report?.failure ?? firstOf([targetLost, nodeLost, ...ENDINGS], question);
};
