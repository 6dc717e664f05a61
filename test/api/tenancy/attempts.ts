import type {Rest} from '../../../src/kube/rest.ts';
import {podNameOf} from '../../../src/operator/balloon-pod.ts';
import {CLOSED, HOME, NEIGHBOUR, OPERATOR_ACCOUNT, type Tenancy} from '../../helpers/tenancy.ts';
import {logIn} from '../../helpers/user.ts';
import {OPERATOR_NAMESPACE} from '../../helpers/world.ts';
import {
  BY,
  calls,
  create,
  creates,
  GROUPS,
  merges,
  NODE_WIDE,
  PODS,
  PROBES,
  RBAC,
  TARGET,
} from './requests.ts';

/** What refused it, and how that is known. */
export const REFUSERS = {
  schema: /is invalid|unknown field|strict decoding/,
  CEL: /is invalid/,
  RBAC: /is forbidden: User "tenant" cannot|attempting to grant RBAC permissions not currently held/,
  VAP: /ValidatingAdmissionPolicy 'memoryprobe-/,
} as const;

export type Attempt = {
  title: string;
  by: keyof typeof REFUSERS;
  says?: RegExp;
  /** What the tenant does; rejects with the refusal. */
  does: (rest: Rest, scene: Tenancy) => Promise<unknown>;
};

const A_POD = {
  metadata: {name: 'mine'},
  spec: {containers: [{name: 'app', image: 'i', securityContext: {privileged: true}}]},
};
const NODE_ROLE_REF = {
  apiGroup: 'rbac.authorization.k8s.io',
  kind: 'ClusterRole',
  name: 'memoryprobe-node-scope',
};
const MYSELF = [{apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'tenant'}];

/** Every way in that was thought of, with what refuses it first. */
export const ATTEMPTS: Attempt[] = [
  // A target that is not theirs, or a spec that reaches the node.
  {
    title: "name another namespace's pod",
    by: 'schema',
    says: /spec\.target\.namespace/,
    does: creates({target: {...TARGET, namespace: NEIGHBOUR}}),
  },
  {
    title: 'name a pod by a path into kube-system',
    by: 'schema',
    says: /spec\.target\.podName/,
    does: creates({target: {podName: '../../kube-system/pods/etcd'}}),
  },
  {
    title: 'put a command into the name of the container',
    by: 'schema',
    says: /spec\.target\.container/,
    does: creates({target: {...TARGET, container: '$(id)'}}),
  },
  {
    title: 'choose the image of the balloon',
    by: 'schema',
    says: /spec\.image/,
    does: creates({target: TARGET, image: 'evil'}),
  },
  {
    title: "ask for the node's network",
    by: 'schema',
    says: /spec\.hostNetwork/,
    does: creates({target: TARGET, hostNetwork: true}),
  },
  {
    title: 'bring a pod template',
    by: 'schema',
    says: /spec\.template/,
    does: creates({target: TARGET, template: {spec: {hostPID: true}}}),
  },
  {
    title: 'choose the node',
    by: 'schema',
    says: /spec\.target\.nodeName/,
    does: creates({target: {...TARGET, nodeName: 'node-bank'}}),
  },
  {
    title: 'select pods by an expression',
    by: 'schema',
    says: /matchExpressions/,
    does: creates({
      target: {selector: {matchLabels: {a: 'b'}, matchExpressions: [{key: 'a', operator: 'Exists'}]}},
    }),
  },
  {
    title: 'select every pod there is',
    by: 'schema',
    says: /matchLabels/,
    does: creates({target: {selector: {matchLabels: {}}}}),
  },
  {
    title: 'smuggle a second selector into the value of a label',
    by: 'schema',
    says: /matchLabels/,
    does: creates({target: {selector: {matchLabels: {app: 'a,b in (c)'}}}}),
  },
  {
    title: 'name two targets',
    by: 'CEL',
    says: /exactly one of/,
    does: creates({target: {...TARGET, selector: {matchLabels: {a: 'b'}}}}),
  },
  {
    title: 'change the spec of a probe that was let in',
    by: 'CEL',
    says: /immutable/,
    does: merges(`${PROBES(HOME)}/mine`, {spec: {target: {podName: 'other'}}}),
  },
  {
    title: 'widen the scope of a probe that was let in',
    by: 'CEL',
    says: /immutable/,
    does: merges(`${PROBES(HOME)}/mine`, {spec: {pressure: {scope: 'Node'}}}),
  },
  // Too much.
  {
    title: 'ask for a step of 1Ti',
    by: 'CEL',
    says: /spec\.pressure\.stepSize/,
    does: creates({target: TARGET, pressure: {stepSize: '1Ti'}}),
  },
  {
    title: 'ask for a balloon of 10Ei',
    by: 'CEL',
    says: /spec\.pressure\.maxSize/,
    does: creates({target: TARGET, pressure: {maxSize: '10Ei'}}),
  },
  {
    title: 'ask for a step each millisecond',
    by: 'schema',
    says: /stepIntervalMilliseconds/,
    does: creates({target: TARGET, pressure: {stepIntervalMilliseconds: 1}}),
  },
  {
    title: 'ask for 1000 rounds',
    by: 'schema',
    says: /spec\.rounds\.count/,
    does: creates({target: TARGET, rounds: {count: 1000}}),
  },
  {
    title: 'ask for a deadline of 30 years',
    by: 'schema',
    says: /deadlineSeconds/,
    does: creates({target: TARGET, guards: {deadlineSeconds: 946_080_000}}),
  },
  {
    title: 'hold the turn of a node for a week',
    by: 'VAP',
    says: /deadlineSeconds is 604800/,
    does: creates({target: TARGET, guards: {deadlineSeconds: 604_800}}),
  },
  {
    title: 'let the node run dry',
    by: 'CEL',
    says: /minNodeAvailable/,
    does: creates({target: TARGET, guards: {minNodeAvailable: -1}}),
  },
  // The whole node.
  {
    title: 'press the node without the verb',
    by: 'VAP',
    says: /may not squeeze-node .* in namespace shop/,
    does: creates(NODE_WIDE, {[BY]: 'tenant'}),
  },
  {
    title: 'press the node without saying who asks',
    by: 'VAP',
    says: /needs the annotation/,
    does: creates(NODE_WIDE),
  },
  {
    title: 'press the node in the name of ada, who may',
    by: 'VAP',
    says: /is "ada": it must be "tenant"/,
    does: creates(NODE_WIDE, {[BY]: 'ada'}),
  },
  {
    title: 'press the node in the name of a group that they are not in',
    by: 'VAP',
    says: /system:masters/,
    does: creates(NODE_WIDE, {[BY]: 'tenant', [GROUPS]: 'developers,system:masters'}),
  },
  {
    title: 'put the name of another on a probe of scope Pod',
    by: 'VAP',
    says: /must be "tenant"/,
    does: creates({target: TARGET}, {[BY]: 'admin'}),
  },
  {
    title: "take over ada's probe: another name",
    by: 'VAP',
    says: /cannot be set, changed or removed/,
    does: merges(`${PROBES(HOME)}/adas`, {metadata: {annotations: {[BY]: 'tenant'}}}),
  },
  {
    title: "take ada's name off her probe",
    by: 'VAP',
    says: /cannot be set, changed or removed/,
    does: merges(`${PROBES(HOME)}/adas`, {metadata: {annotations: {[BY]: null}}}),
  },
  {
    title: "add a group to ada's probe",
    by: 'VAP',
    says: /cannot be set, changed or removed/,
    does: merges(`${PROBES(HOME)}/adas`, {metadata: {annotations: {[GROUPS]: 'system:masters'}}}),
  },
  {
    title: 'set a name later',
    by: 'VAP',
    says: /cannot be set, changed or removed/,
    does: merges(`${PROBES(HOME)}/mine`, {metadata: {annotations: {[BY]: 'ada'}}}),
  },
  {
    title: 'give themselves the role of those who may press nodes',
    by: 'RBAC',
    does: calls('POST', `${RBAC}/rolebindings`, {
      metadata: {name: 'up'},
      roleRef: NODE_ROLE_REF,
      subjects: MYSELF,
    }),
  },
  {
    title: 'make a role with the verb',
    by: 'RBAC',
    does: calls('POST', `${RBAC}/roles`, {
      metadata: {name: 'up'},
      rules: [{apiGroups: ['memoryprobe.dev'], resources: ['memoryprobes'], verbs: ['squeeze-node']}],
    }),
  },
  // What the operator believes.
  {
    title: 'write a verdict',
    by: 'VAP',
    says: /status is written by the operator alone/,
    does: merges(`${PROBES(HOME)}/mine/status`, {status: {verdict: 'Held', reason: 'AsExpected'}}),
  },
  {
    title: "write a neighbour's container into the status, for a repair pod to visit",
    by: 'VAP',
    says: /operator alone/,
    does: merges(`${PROBES(HOME)}/mine/status`, {
      status: {
        target: {
          podName: 'target',
          podUID: 'u',
          container: 'app',
          containerID: 'containerd://1',
          nodeName: 'node-bank',
        },
        conditions: [
          {
            type: 'Reconciling',
            status: 'True',
            reason: 'Squeezing',
            message: '',
            lastTransitionTime: '2026-01-01T00:00:00Z',
          },
        ],
      },
    }),
  },
  {
    title: 'change a name by way of the status',
    by: 'VAP',
    says: /operator alone/,
    does: merges(`${PROBES(HOME)}/adas/status`, {metadata: {annotations: {[BY]: 'tenant'}}}),
  },
  {
    title: 'take the finalizer off while the balloon is there',
    by: 'VAP',
    says: /finalizer memoryprobe\.dev\/balloon is the operator's/,
    does: merges(`${PROBES(HOME)}/mine`, {metadata: {finalizers: []}}),
  },
  {
    title: 'probe in a namespace that is not opted in',
    by: 'VAP',
    says: /kubectl label namespace shop-closed/,
    does: rest => create(rest, CLOSED, {target: TARGET}),
  },
  {
    title: 'opt their namespace in',
    by: 'RBAC',
    does: merges(`/api/v1/namespaces/${CLOSED}`, {metadata: {labels: {'memoryprobe.dev/probes': 'allowed'}}}),
  },
  // Other people's probes and pods.
  {
    title: "probe in a neighbour's namespace",
    by: 'RBAC',
    does: rest => create(rest, NEIGHBOUR, {target: TARGET}),
  },
  {title: 'probe in kube-system', by: 'RBAC', does: rest => create(rest, 'kube-system', {target: TARGET})},
  {
    title: "probe in the operator's namespace",
    by: 'RBAC',
    does: rest => create(rest, OPERATOR_NAMESPACE, {target: TARGET}),
  },
  {title: "delete a neighbour's probe", by: 'RBAC', does: calls('DELETE', `${PROBES(NEIGHBOUR)}/probe`)},
  {title: "read a neighbour's evidence", by: 'RBAC', does: calls('GET', `${PROBES(NEIGHBOUR)}/probe`)},
  {
    title: 'list the probes of all namespaces',
    by: 'RBAC',
    does: calls('GET', '/apis/memoryprobe.dev/v1alpha1/memoryprobes'),
  },
  {
    title: 'read the termination message of a balloon pod',
    by: 'RBAC',
    does: (rest, {balloon}) =>
      rest.call({method: 'GET', path: `${PODS(OPERATOR_NAMESPACE)}/${balloon.metadata.name}`}),
  },
  {
    title: 'read the log of a balloon pod',
    by: 'RBAC',
    does: (rest, {balloon}) =>
      rest.call({method: 'GET', path: `${PODS(OPERATOR_NAMESPACE)}/${balloon.metadata.name}/log`}),
  },
  {
    title: 'open a shell in a balloon pod',
    by: 'RBAC',
    does: (rest, {balloon}) =>
      rest.call({
        method: 'POST',
        path: `${PODS(OPERATOR_NAMESPACE)}/${balloon.metadata.name}/exec`,
        query: {command: 'sh'},
      }),
  },
  {
    title: 'put a debugging container into a balloon pod',
    by: 'RBAC',
    does: (rest, {balloon}) =>
      merges(`${PODS(OPERATOR_NAMESPACE)}/${balloon.metadata.name}/ephemeralcontainers`, {spec: {}})(rest),
  },
  {
    title: 'put their probe into the label of a balloon pod',
    by: 'RBAC',
    does: (rest, {balloon}) =>
      merges(`${PODS(OPERATOR_NAMESPACE)}/${balloon.metadata.name}`, {
        metadata: {labels: {'memoryprobe.dev/probe-uid': 'mine'}},
      })(rest),
  },
  {
    title: 'delete a balloon pod',
    by: 'RBAC',
    does: (rest, {balloon}) =>
      rest.call({method: 'DELETE', path: `${PODS(OPERATOR_NAMESPACE)}/${balloon.metadata.name}`}),
  },
  {
    title: "make a pod in the operator's namespace",
    by: 'RBAC',
    does: calls('POST', PODS(OPERATOR_NAMESPACE), A_POD),
  },
  {
    title: "take the name of a node's balloon pod",
    by: 'RBAC',
    does: calls('POST', PODS(OPERATOR_NAMESPACE), {
      ...A_POD,
      metadata: {name: podNameOf('balloon', 'node-home')},
    }),
  },
  // The operator itself.
  {
    title: "get a token of the operator's account",
    by: 'RBAC',
    does: calls('POST', `/api/v1/namespaces/${OPERATOR_NAMESPACE}/serviceaccounts/memoryprobe/token`, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: {},
    }),
  },
  {
    title: 'pretend to be the operator',
    by: 'RBAC',
    does: async (_, {world}) => {
      const user = logIn(world.api, 'tenant', OPERATOR_ACCOUNT);
      return user.rest.call({method: 'GET', path: '/api/v1/nodes/node-home'}).finally(user.close);
    },
  },
  {
    title: 'read a secret of the operator',
    by: 'RBAC',
    does: calls('GET', `/api/v1/namespaces/${OPERATOR_NAMESPACE}/secrets`),
  },
  {
    title: 'take the lead',
    by: 'RBAC',
    does: merges(
      `/apis/coordination.k8s.io/v1/namespaces/${OPERATOR_NAMESPACE}/leases/memoryprobe-operator`,
      {spec: {holderIdentity: 'tenant'}},
    ),
  },
  {
    title: 'throw the stop switch',
    by: 'RBAC',
    does: calls('POST', `/api/v1/namespaces/${OPERATOR_NAMESPACE}/configmaps`, {
      metadata: {name: 'memoryprobe-stop'},
    }),
  },
  {
    title: 'take an admission policy away',
    by: 'RBAC',
    does: calls(
      'DELETE',
      '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/memoryprobe-probes',
    ),
  },
];
