import {
  GROUP,
  NODE_SCOPE_VERB,
  PLURAL,
  REQUESTED_BY_ANNOTATION,
  REQUESTED_GROUPS_ANNOTATION,
} from '../api/names.ts';
import type {AccessQuestion} from '../kube/access-review.ts';
import type {MemoryProbe} from '../kube/types.ts';

/** Whether whoever asks for this squeeze of a node may; undefined where nobody says to have asked. */
export const questionOf = ({metadata}: MemoryProbe): AccessQuestion | undefined => {
  const {namespace = '', annotations = {}} = metadata;
  const user = annotations[REQUESTED_BY_ANNOTATION];
  if (!user) return undefined;
  const claimed = (annotations[REQUESTED_GROUPS_ANNOTATION] ?? '').split(',').map(group => group.trim());
  const groups = [...claimed.filter(Boolean), ...groupsOf(user)];
  return {user, groups, namespace, verb: NODE_SCOPE_VERB, group: GROUP, resource: PLURAL};
};

/** The groups that the API server itself puts a user in. */
const groupsOf = (user: string): string[] => {
  const [, namespace] = /^system:serviceaccount:([^:]+):[^:]+$/.exec(user) ?? [];
  const accounts = namespace ? ['system:serviceaccounts', `system:serviceaccounts:${namespace}`] : [];
  return [...accounts, 'system:authenticated'];
};
