import {present} from '../domain/present.ts';
import {decodeReport} from '../domain/termination-message.ts';
import type {Pod} from '../kube/types.ts';
import type {PodFact} from './facts.ts';

type ContainerStatus = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number];

/** `isPresent`: false when the pod is gone and this is the last that was seen of it. */
export const readPodFact = (pod: Pod, isPresent: boolean): PodFact => {
  const status = pod.status ?? {};
  const container = status.containerStatuses?.[0];
  const ended = hasEnded(pod);
  return present({
    name: pod.metadata.name,
    uid: pod.metadata.uid,
    nodeName: nodeNameOf(pod),
    createdMs: Date.parse(pod.metadata.creationTimestamp),
    acceptedMs: timeOf(status.startTime),
    present: isPresent,
    deleteByMs: timeOf(pod.metadata.deletionTimestamp),
    unschedulable: unschedulableOf(pod),
    waiting: waitingOf(container),
    running: container?.state?.running !== undefined,
    ended,
    mayHaveRun: mayHaveRun(pod, isPresent),
    succeeded: container?.state?.terminated?.exitCode === 0,
    ending: ended ? endingOf(pod, container) : undefined,
    failure: status.phase === 'Failed' ? status.reason : undefined,
    report: decodeReport(terminatedOf(container)?.message ?? ''),
  }) as PodFact;
};

const terminatedOf = (container: ContainerStatus | undefined) =>
  container?.state?.terminated ?? container?.lastState?.terminated;

const hasEnded = ({status}: Pod): boolean =>
  status?.phase === 'Succeeded' ||
  status?.phase === 'Failed' ||
  status?.containerStatuses?.[0]?.state?.terminated !== undefined;

const timeOf = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Date.parse(text);

/** The node that it is made for: the affinity says so before the scheduler does. */
export const nodeNameOf = ({spec}: Pod): string =>
  spec?.nodeName ??
  spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms[0]
    ?.matchFields?.[0]?.values?.[0] ??
  '';

const unschedulableOf = ({status}: Pod): string | undefined => {
  const condition = status?.conditions?.find(({type}) => type === 'PodScheduled');
  return condition?.status === 'False'
    ? (condition.message ?? condition.reason ?? 'no reason given')
    : undefined;
};

const waitingOf = (container: ContainerStatus | undefined): PodFact['waiting'] => {
  const waiting = container?.state?.waiting;
  return waiting?.reason === undefined ? undefined : {reason: waiting.reason, message: waiting.message ?? ''};
};

/**
 * A pod that the kubelet refused, or that never left Pending, has no container that ran. One that vanished while it was
 * bound to a node may have started after the last that was seen of it.
 */
const mayHaveRun = (pod: Pod, isPresent: boolean): boolean => {
  const container = pod.status?.containerStatuses?.[0];
  if (container?.state?.running || terminatedOf(container)) return true;
  if (pod.status?.phase === 'Pending' || pod.status?.phase === undefined)
    return !isPresent && pod.spec?.nodeName !== undefined && container?.state?.waiting === undefined;
  return pod.status.phase !== 'Failed';
};

const endingOf = ({status}: Pod, container: ContainerStatus | undefined): string => {
  const terminated = terminatedOf(container);
  const code = terminated && `exit code ${terminated.exitCode}${signalOf(terminated.exitCode)}`;
  return (
    [status?.reason, terminated?.reason, code, status?.message].filter(Boolean).join(', ') ||
    'no reason given'
  );
};

const signalOf = (exitCode: number): string => (exitCode > 128 ? ` (signal ${exitCode - 128})` : '');
