import {OPT_IN_LABEL} from '../api/names.ts';
import type {ProbeSpec} from '../api/spec.ts';
import {present} from '../domain/present.ts';
import type {AccessQuestion} from '../kube/access-review.ts';
import type {Resource} from '../kube/resource.ts';
import type {MemoryProbe, Namespace} from '../kube/types.ts';
import type {Config} from './config.ts';
import type {Permission} from './facts.ts';
import {questionOf} from './requester.ts';

export type PermissionSources = {
  config: Pick<Config, 'nodeScopeAllowed' | 'maxDeadlineSeconds' | 'namespaceOptIn'>;
  namespaces: Resource<Namespace>;
  reviewAccess: (question: AccessQuestion) => Promise<boolean>;
};

/** What is known without asking. */
export const basicPermission = ({config}: PermissionSources): Permission => ({
  nodeScopeAllowed: config.nodeScopeAllowed,
  maxDeadlineSeconds: config.maxDeadlineSeconds,
});

/** Asks what the probe needs to be asked, each time anew: a right that was taken away is gone for the next balloon. */
export const lookAtPermission = async (
  sources: PermissionSources,
  probe: MemoryProbe,
  spec: ProbeSpec,
): Promise<Permission> => {
  const basic = basicPermission(sources);
  const asksForNode = spec.pressure.scope === 'Node' && basic.nodeScopeAllowed;
  return {
    ...basic,
    ...(sources.config.namespaceOptIn && {optedIn: await isOptedIn(sources, probe)}),
    ...(asksForNode && {requester: await lookAtRequester(sources, probe)}),
  };
};

const isOptedIn = async ({namespaces}: PermissionSources, {metadata}: MemoryProbe): Promise<boolean> => {
  const {labels = {}} = (await namespaces.get({name: metadata.namespace ?? ''})).metadata;
  return labels[OPT_IN_LABEL.name] === OPT_IN_LABEL.value;
};

const lookAtRequester = async (
  {reviewAccess}: PermissionSources,
  probe: MemoryProbe,
): Promise<NonNullable<Permission['requester']>> => {
  const question = questionOf(probe);
  const mayPressNodes = question !== undefined && (await reviewAccess(question));
  return {...present({user: question?.user}), mayPressNodes};
};
