import {APP_NAME, DEFAULT_CONTAINER_ANNOTATION, LABEL, MIRROR_ANNOTATION} from '../api/names.ts';
import type {TargetSelection} from '../api/spec.ts';
import {present} from '../domain/present.ts';
import type {Failure} from '../domain/report.ts';
import type {TargetIdentity} from '../domain/settings.ts';
import type {FailureReason} from '../domain/verdict.ts';
import type {Pod} from '../kube/types.ts';
import type {TargetFact, Toleration} from './facts.ts';

/** What may not be looked at. */
export type TargetPolicy = {operatorNamespace: string; allowSystemTargets: boolean};

export type TargetSearch = {
  namespace: string;
  selection: TargetSelection;
  /** The pods that have that name or those labels. */
  pods: Pod[];
  policy: TargetPolicy;
};

/** Which container of which pod is meant, or why none is. */
export const findTarget = (search: TargetSearch): TargetFact => {
  const {namespace, selection, policy} = search;
  const pod = 'podName' in selection ? search.pods[0] : oldestReady(search.pods);
  if (!pod) return {state: 'Awaited', failure: noPod(search)};
  const refusal = refusalOf(pod, policy);
  if (refusal !== undefined)
    return {
      state: 'Refused',
      failure: fail('TargetNotAllowed', `pod ${namespace}/${pod.metadata.name} ${refusal}`),
    };
  const container = chooseContainer(pod, selection.container);
  return 'reason' in container ? {state: 'Refused', failure: container} : readRunning(pod, container.name);
};

const fail = (reason: FailureReason, message: string): Failure => ({reason, message});

const noPod = ({namespace, selection, pods}: TargetSearch): Failure => {
  if ('podName' in selection)
    return fail(
      'TargetNotFound',
      `there is no pod "${selection.podName}" in namespace ${namespace} (spec.target.podName)`,
    );
  const labels = Object.entries(selection.matchLabels).map(([name, value]) => `${name}=${value}`);
  const found = pods.length === 0 ? 'no pod' : `no Ready pod among ${pods.length}`;
  return fail(
    'NoPodMatches',
    `${found} in namespace ${namespace} matches ${labels.join(',')} (spec.target.selector)`,
  );
};

const oldestReady = (pods: Pod[]): Pod | undefined =>
  pods
    .filter(pod => pod.metadata.deletionTimestamp === undefined && isReady(pod))
    .sort((a, b) => orderOf(a).localeCompare(orderOf(b)))[0];

const orderOf = ({metadata}: Pod): string => `${metadata.creationTimestamp} ${metadata.uid}`;

const isReady = ({status}: Pod): boolean =>
  status?.conditions?.some(condition => condition.type === 'Ready' && condition.status === 'True') ?? false;

/** Sandboxes whose memory the node's cgroups do not show. */
const OPAQUE_RUNTIMES = /kata|gvisor|runsc/i;

const refusalOf = ({metadata, spec}: Pod, policy: TargetPolicy): string | undefined => {
  const component = metadata.labels?.[LABEL.component];
  if (metadata.namespace === policy.operatorNamespace) return "is in the operator's own namespace";
  if (metadata.labels?.[LABEL.name] === APP_NAME && component !== undefined)
    return `is a ${component} pod of MemoryProbe`;
  if (OPAQUE_RUNTIMES.test(spec?.runtimeClassName ?? ''))
    return `has the runtime class ${spec?.runtimeClassName}: its memory is inside a sandbox of its own`;
  if (policy.allowSystemTargets) return undefined;
  if (metadata.namespace === 'kube-system')
    return 'is in kube-system (the chart value allowSystemTargets allows it)';
  if (metadata.annotations?.[MIRROR_ANNOTATION] !== undefined)
    return 'is a static pod (the chart value allowSystemTargets allows it)';
  return undefined;
};

const chooseContainer = (pod: Pod, asked: string | undefined): {name: string} | Failure => {
  const names = (pod.spec?.containers ?? []).map(({name}) => name);
  const where = `pod ${pod.metadata.namespace}/${pod.metadata.name}`;
  const annotated = pod.metadata.annotations?.[DEFAULT_CONTAINER_ANNOTATION];
  const wanted = asked ?? annotated;
  if (wanted !== undefined && !names.includes(wanted))
    return fail(
      'ContainerNotFound',
      `${where} has no container "${wanted}" (${asked === undefined ? DEFAULT_CONTAINER_ANNOTATION : 'spec.target.container'}); it has ${names.join(', ')}`,
    );
  if (wanted !== undefined) return {name: wanted};
  const [only, ...others] = names;
  return only !== undefined && others.length === 0
    ? {name: only}
    : fail(
        'ContainerAmbiguous',
        `${where} has the containers ${names.join(', ')}: set spec.target.container`,
      );
};

const readRunning = (pod: Pod, container: string): TargetFact => {
  const status = pod.status?.containerStatuses?.find(({name}) => name === container);
  const nodeName = pod.spec?.nodeName;
  const where = `container "${container}" of pod ${pod.metadata.namespace}/${pod.metadata.name}`;
  if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed')
    return {state: 'Refused', failure: fail('TargetNotRunning', `${where} has ended (${pod.status.phase})`)};
  const isGoing = pod.metadata.deletionTimestamp !== undefined;
  if (isGoing || !status?.state?.running || !status.containerID || nodeName === undefined)
    return {
      state: 'Awaited',
      failure: fail('TargetNotRunning', `${where} is not running: ${whyNot(pod, status?.state)}`),
    };
  const identity: TargetIdentity = {
    podName: pod.metadata.name,
    podUID: pod.metadata.uid,
    container,
    containerID: status.containerID,
    nodeName,
  };
  return {state: 'Found', identity, tolerations: tolerationsOf(pod)};
};

/** What else a later API puts into them is nothing that a balloon pod needs. */
const tolerationsOf = ({spec}: Pod): Toleration[] =>
  (spec?.tolerations ?? []).map(({key, operator, value, effect, tolerationSeconds}) =>
    present({key, operator, value, effect, tolerationSeconds}),
  );

type ContainerState = {waiting?: {reason?: string}; terminated?: {reason?: string; exitCode: number}};

const whyNot = (pod: Pod, state: ContainerState | undefined): string => {
  if (pod.metadata.deletionTimestamp !== undefined) return 'the pod is being deleted';
  if (state?.terminated) return `it ended with exit code ${state.terminated.exitCode}`;
  return state?.waiting?.reason ?? `the pod is ${pod.status?.phase ?? 'Pending'}`;
};

/** Whether a probe that has started still has the target that it started with (invariant I5). */
export const followTarget = (identity: TargetIdentity, pods: Pod[]): TargetFact => {
  const pod = pods.find(({metadata}) => metadata.uid === identity.podUID);
  const lost = (reason: FailureReason, message: string): TargetFact => ({
    state: 'Lost',
    failure: fail(reason, message),
  });
  if (!pod) return lost('TargetGone', `pod ${identity.podName} was deleted while the probe ran`);
  if (pod.metadata.deletionTimestamp !== undefined)
    return lost('TargetGone', `pod ${identity.podName} is being deleted while the probe runs`);
  if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed')
    return lost('TargetGone', `pod ${identity.podName} ended (${pod.status.phase}) while the probe ran`);
  const status = pod.status?.containerStatuses?.find(({name}) => name === identity.container);
  if (status?.state?.running && status.containerID === identity.containerID)
    return {state: 'Found', identity, tolerations: tolerationsOf(pod)};
  return lost(
    'TargetChanged',
    `container "${identity.container}" of pod ${identity.podName} was restarted while the probe ran`,
  );
};
