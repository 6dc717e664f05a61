import type {AuditEntry} from './apiserver.ts';
import type {Manifest} from './helm.ts';

/** One thing that an account may do, or did. `namespace` undefined: in all namespaces, or on what belongs to none. */
export type Right = {
  verb: string;
  group: string;
  /** With its subresource: `memoryprobes/status`. */
  resource: string;
  namespace?: string | undefined;
  name?: string | undefined;
};

type Rule = {apiGroups: string[]; resources: string[]; verbs: string[]; resourceNames?: string[]};
type Subject = {kind: string; name: string; namespace?: string};

/** Every single right that the rendered roles give an account. */
export const grantedRights = (objects: Manifest[], account: string): Right[] =>
  objects
    .filter(({kind}) => kind === 'RoleBinding' || kind === 'ClusterRoleBinding')
    .filter(({subjects}) => (subjects as Subject[]).some(subject => accountOf(subject) === account))
    .flatMap(binding => {
      const ref = binding.roleRef as {kind: string; name: string};
      const role = objects.find(({kind, metadata}) => kind === ref.kind && metadata.name === ref.name);
      return ((role?.rules ?? []) as Rule[]).flatMap(rule => expand(rule, binding.metadata.namespace));
    });

const accountOf = ({namespace, name}: Subject): string => `system:serviceaccount:${namespace}:${name}`;

const expand = (rule: Rule, namespace: string | undefined): Right[] =>
  rule.apiGroups.flatMap(group =>
    rule.resources.flatMap(resource =>
      rule.verbs.flatMap(verb =>
        (rule.resourceNames ?? [undefined]).map(name => ({verb, group, resource, namespace, name})),
      ),
    ),
  );

/** What a request of the audit log needed. Every request of ours is about a resource. */
export const neededRight = ({verb, objectRef, requestURI}: AuditEntry): Right => ({
  verb,
  group: objectRef?.apiGroup ?? '',
  resource: [objectRef?.resource, objectRef?.subresource].filter(Boolean).join('/'),
  namespace: objectRef?.namespace,
  name: objectRef?.name ?? /fieldSelector=metadata\.name%3D([^&]+)/.exec(requestURI)?.[1],
});

/** Whether a request needed this right. One for all namespaces is needed by a request in any. */
export const isNeededBy = (right: Right, need: Right): boolean =>
  right.verb === need.verb &&
  right.group === need.group &&
  right.resource === need.resource &&
  (right.namespace === undefined || right.namespace === need.namespace) &&
  (right.name === undefined || right.name === need.name);

export const formatRight = ({verb, group, resource, namespace, name}: Right): string =>
  [verb, [group, resource].filter(Boolean).join('/'), name && `"${name}"`, namespace && `in ${namespace}`]
    .filter(Boolean)
    .join(' ');
