import type {Rest} from '../../src/kube/rest.ts';
import type {Pod} from '../../src/kube/types.ts';
import {installRules} from './install.ts';
import {logIn, type User} from './user.ts';
import {
  createProbe,
  OPERATOR_NAMESPACE,
  type RunningOperator,
  startOperator,
  type World,
  waitPod,
} from './world.ts';

export const OPERATOR_ACCOUNT = `system:serviceaccount:${OPERATOR_NAMESPACE}:memoryprobe`;

/**
 * A shared cluster: a tenant who is an administrator of two namespaces of their own (one of them not opted in) and was given
 * too much there, a neighbour with a balloon pod that runs, and ada, who may squeeze nodes in the tenant's namespace.
 */
export type Tenancy = {
  world: World;
  tenant: User;
  ada: User;
  operator: RunningOperator;
  /** The neighbour's balloon pod, in the operator's namespace. */
  balloon: Pod;
  close: () => Promise<void>;
};

export const HOME = 'shop';
export const CLOSED = 'shop-closed';
export const NEIGHBOUR = 'bank';

/** The namespaced rights that Kubernetes' own role `admin` is put together from. */
const ADMIN_ROLES = ['view', 'edit', 'admin'].map(name => `system:aggregate-to-${name}`);
const GENEROUS_ROLE = 'everything-with-probes';
const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];

export const startTenancy = async (world: World): Promise<Tenancy> => {
  const {rest, kubelet, api} = world;
  await installRules(rest, '--set', 'nodeScope.allowed=true,namespaceOptIn=true,balloonImage.tag=test');
  await addNamespace(rest, HOME, {'memoryprobe.dev/probes': 'allowed'});
  await addNamespace(rest, NEIGHBOUR, {'memoryprobe.dev/probes': 'allowed'});
  await addNamespace(rest, CLOSED, {});
  await addRole(rest, GENEROUS_ROLE, VERBS);
  for (const namespace of [HOME, CLOSED])
    for (const role of [...ADMIN_ROLES, GENEROUS_ROLE]) await bind(rest, namespace, role, 'tenant');
  for (const role of [GENEROUS_ROLE, 'memoryprobe-node-scope']) await bind(rest, HOME, role, 'ada');
  for (const nodeName of ['node-home', 'node-bank']) await kubelet.addNode(nodeName);
  await kubelet.runTarget({namespace: HOME, name: 'target', nodeName: 'node-home'});
  await kubelet.runTarget({namespace: NEIGHBOUR, name: 'target', nodeName: 'node-bank'});
  const operator = startOperator(world, {
    kubeconfig: api.kubeconfigOf(OPERATOR_ACCOUNT),
    config: {nodeScopeAllowed: true, namespaceOptIn: true},
  });
  const {metadata} = await createProbe(world, NEIGHBOUR, 'probe', {target: {podName: 'target'}});
  const balloon = await waitPod(world, 'balloon', metadata.uid);
  await kubelet.start(balloon);
  const [tenant, ada] = [logIn(api, 'tenant'), logIn(api, 'ada')];
  const close = async () => {
    await operator.stop();
    await tenant.close();
    await ada.close();
  };
  return {world, tenant, ada, operator, balloon, close};
};

const addNamespace = (rest: Rest, name: string, labels: Record<string, string>) =>
  rest.call({method: 'POST', path: '/api/v1/namespaces', body: {metadata: {name, labels}}});

const RBAC = '/apis/rbac.authorization.k8s.io/v1';

/** More than anybody should have: the status is the operator's. */
const addRole = (rest: Rest, name: string, verbs: string[]) =>
  rest.call({
    method: 'POST',
    path: `${RBAC}/clusterroles`,
    body: {
      metadata: {name},
      rules: [{apiGroups: ['memoryprobe.dev'], resources: ['memoryprobes', 'memoryprobes/status'], verbs}],
    },
  });

const bind = (rest: Rest, namespace: string, role: string, user: string) =>
  rest.call({
    method: 'POST',
    path: `${RBAC}/namespaces/${namespace}/rolebindings`,
    body: {
      metadata: {name: `${user}-${role}`.replaceAll(':', '-')},
      roleRef: {apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role},
      subjects: [{apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user}],
    },
  });
