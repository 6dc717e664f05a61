import type {Manifest} from '../../helpers/helm.ts';
import {selects, workloadOf} from './workload.ts';

/** A rule about the objects beside the pods: answers who breaks it. */
export type ObjectRule = {ids: string[]; culprits: (objects: Manifest[]) => Manifest[]};

type RoleRule = {apiGroups: string[]; resources: string[]; verbs: string[]};

const rulesOf = ({rules}: Manifest): RoleRule[] => (rules ?? []) as RoleRule[];
const someRoleRule =
  (isBad: (rule: RoleRule) => boolean): ObjectRule['culprits'] =>
  objects =>
    objects.filter(object => ['Role', 'ClusterRole'].includes(object.kind) && rulesOf(object).some(isBad));
const names = (rule: RoleRule, resources: string[], verbs: string[]): boolean =>
  rule.resources.some(resource => resources.includes(resource)) &&
  rule.verbs.some(verb => verbs.includes(verb));
const workloadsOf = (objects: Manifest[]) => objects.map(workloadOf).filter(found => found !== undefined);
const ofKind = (objects: Manifest[], kind: string): Manifest[] =>
  objects.filter(object => object.kind === kind);

type ServiceSpec = {type?: string; selector: Record<string, string>; ports: {targetPort: string | number}[]};

const WRITES = ['create', 'update', 'patch', 'delete', 'deletecollection'];

export const OBJECT_RULES: ObjectRule[] = [
  {
    ids: ['kube-linter wildcard-in-rules'],
    culprits: someRoleRule(({apiGroups, resources, verbs}) =>
      [...apiGroups, ...resources, ...verbs].includes('*'),
    ),
  },
  {
    ids: ['kube-linter access-to-secrets'],
    culprits: someRoleRule(({resources}) => resources.includes('secrets')),
  },
  {
    ids: ['kube-linter access-to-create-pods'],
    culprits: someRoleRule(rule => names(rule, ['pods', 'deployments', 'jobs', 'daemonsets'], ['create'])),
  },
  {
    ids: ['polaris rolePodExecAttach', 'polaris clusterrolePodExecAttach'],
    culprits: someRoleRule(({resources}) =>
      resources.some(resource => ['pods/exec', 'pods/attach'].includes(resource)),
    ),
  },
  {
    ids: ['kubernetes rbac-good-practices: nodes/proxy, escalation, impersonation, tokens'],
    culprits: someRoleRule(
      ({resources, verbs}) =>
        resources.some(resource => ['nodes/proxy', 'serviceaccounts/token'].includes(resource)) ||
        verbs.some(verb => ['escalate', 'bind', 'impersonate'].includes(verb)),
    ),
  },
  {
    ids: ['kubernetes rbac-good-practices: namespaces are not changed'],
    culprits: someRoleRule(rule => names(rule, ['namespaces'], WRITES)),
  },
  {
    ids: ['kube-linter cluster-admin-role-binding', 'polaris clusterrolebindingClusterAdmin'],
    culprits: objects =>
      objects.filter(({roleRef}) => (roleRef as {name: string} | undefined)?.name === 'cluster-admin'),
  },
  {
    ids: ['kube-linter dangling-service', 'kube-score service-targets-pod'],
    culprits: objects =>
      ofKind(objects, 'Service').filter(
        service =>
          !workloadsOf(objects).some(workload =>
            selects({matchLabels: (service.spec as ServiceSpec).selector}, workload),
          ),
      ),
  },
  {
    ids: ['kube-linter exposed-services', 'kube-score service-type'],
    culprits: objects =>
      ofKind(objects, 'Service').filter(
        ({spec}) => !['ClusterIP', undefined].includes((spec as ServiceSpec).type),
      ),
  },
  {
    ids: ['kube-linter invalid-target-ports'],
    culprits: objects =>
      ofKind(objects, 'Service').filter(service => {
        const {selector, ports} = service.spec as ServiceSpec;
        const open = workloadsOf(objects)
          .filter(workload => selects({matchLabels: selector}, workload))
          .flatMap(({pod}) => pod.containers.flatMap(container => container.ports ?? []))
          .flatMap(({name, containerPort}) => [name, containerPort]);
        return ports.some(({targetPort}) => !open.includes(targetPort));
      }),
  },
  {
    ids: ['kube-score networkpolicy-targets-pod', 'kube-linter dangling-networkpolicy'],
    culprits: objects =>
      ofKind(objects, 'NetworkPolicy').filter(
        policy =>
          !workloadsOf(objects).some(workload =>
            selects((policy.spec as {podSelector: object}).podSelector, workload),
          ),
      ),
  },
  {
    ids: ['kube-score stable-version', 'kube-linter no-extensions-v1beta'],
    culprits: objects =>
      objects.filter(
        ({apiVersion}) => /alpha|beta/.test(apiVersion) && !apiVersion.startsWith('memoryprobe.dev/'),
      ),
  },
  {
    ids: ['kube-linter use-namespace'],
    culprits: objects =>
      objects.filter(object => workloadOf(object) !== undefined && !object.metadata.namespace),
  },
];
