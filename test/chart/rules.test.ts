import test from 'ava';
import {decodeSpec} from '../../src/api/decode.ts';
import {buildPod, type Component} from '../../src/operator/balloon-pod.ts';
import {readConfig} from '../../src/operator/config.ts';
import {settingsOf} from '../../src/operator/repair.ts';
import {chartTest, type Manifest, renderChartAndHooks} from '../helpers/helm.ts';
import {IDENTITY, someFacts} from '../operator/scene.ts';
import {EXEMPTIONS} from './rules/exemptions.ts';
import {OBJECT_RULES} from './rules/object-rules.ts';
import {POD_RULES, rulesFor, SERVER_RULES} from './rules/pod-rules.ts';
import {type Workload, workloadOf} from './rules/workload.ts';

type Break = {who: string; ids: string[]};

const environmentOf = (objects: Manifest[]): Record<string, string> => {
  const operator = objects.map(workloadOf).find(found => found?.id === 'Deployment memoryprobe');
  return Object.fromEntries(
    operator?.pod.containers[0]?.env?.map(({name, value}) => [name, value ?? 'memoryprobe-system']) ?? [],
  );
};

/** A pod as the operator of this very chart makes it. */
const operatorsPod = (component: Component, objects: Manifest[]): Manifest => {
  const settings = settingsOf(someFacts(), decodeSpec({target: {podName: 'target'}}), IDENTITY);
  const order = {component, settings, tolerations: [], activeDeadlineSeconds: 60};
  return buildPod(order, readConfig(environmentOf(objects))) as Manifest;
};

/** Everything that is ever made: by `helm install`, by its hooks, by the operator. */
const renderAll = (): Manifest[] => {
  const objects = renderChartAndHooks('--set', 'replicas=2');
  return [...objects, operatorsPod('balloon', objects), operatorsPod('repair', objects)];
};

const workloadsOf = (objects: Manifest[]): Workload[] =>
  objects.map(workloadOf).filter(found => found !== undefined);

const breaksIn = (objects: Manifest[]): Break[] => [
  ...workloadsOf(objects).flatMap(workload =>
    rulesFor(workload)
      .filter(({breaks}) => breaks(workload, objects))
      .map(({ids}) => ({who: workload.id, ids})),
  ),
  ...OBJECT_RULES.flatMap(({ids, culprits}) =>
    culprits(objects).map(({kind, metadata}) => ({who: `${kind} ${metadata.name}`, ids})),
  ),
];

type Row = {who: RegExp; rule: string};
const ROWS: Row[] = EXEMPTIONS.flatMap(({who, rules}) => rules.map(rule => ({who, rule})));
const covers = (row: Row, {who, ids}: Break): boolean =>
  row.who.test(who) && ids.some(id => id.startsWith(row.rule));

chartTest('what the chart, its hooks and the operator make breaks no rule but those in the table', t => {
  const unexplained = breaksIn(renderAll()).filter(found => !ROWS.some(row => covers(row, found)));
  t.deepEqual(unexplained, []);
});

chartTest('every row of the table is needed, and has a reason', t => {
  const found = breaksIn(renderAll());
  t.deepEqual(
    ROWS.filter(row => !found.some(each => covers(row, each))),
    [],
  );
  for (const {why} of EXEMPTIONS) t.true(why.length > 20, why);
});

chartTest('all six kinds of pods are looked at', t => {
  const ids = workloadsOf(renderAll()).map(({id}) => id.replace(/-[0-9a-f]{12}$/, ''));
  t.deepEqual(ids.sort(), [
    'Deployment memoryprobe',
    'Deployment target',
    'Job memoryprobe-let-go',
    'Pod balloon',
    'Pod helm-test',
    'Pod repair',
  ]);
});

/** A workload that does everything wrong. */
const BAD: Workload = {
  id: 'Job bad',
  kind: 'Job',
  namespace: '',
  labels: {},
  selector: {app: 'another'},
  pod: {
    hostPID: true,
    hostIPC: true,
    hostNetwork: true,
    securityContext: {sysctls: [{}]},
    volumes: [{name: 'v', hostPath: {path: '/'}}],
    containers: [
      {
        name: 'c',
        image: 'registry:5000/i',
        env: [
          {name: 'TOKEN', value: 'x'},
          {name: 'TOKEN', value: 'x'},
        ],
        ports: [{containerPort: 1, hostPort: 1}],
        securityContext: {privileged: true, procMount: 'Unmasked', capabilities: {add: ['SYS_ADMIN']}},
        volumeMounts: [{name: 'v', mountPath: '/v'}],
      },
    ],
  },
};
for (const {ids, breaks} of [...POD_RULES, ...SERVER_RULES])
  test(`a pod that does everything wrong is told of: ${ids[0]}`, t => t.true(breaks(BAD, [])));

const everything = {apiGroups: ['*'], resources: ['*'], verbs: ['*']};
const BAD_OBJECTS: Manifest[] = [
  {
    kind: 'ClusterRole',
    apiVersion: 'rbac.authorization.k8s.io/v1beta1',
    metadata: {name: 'bad'},
    rules: [
      everything,
      {apiGroups: [''], resources: ['secrets', 'pods/exec', 'nodes/proxy'], verbs: ['get']},
      {apiGroups: [''], resources: ['pods', 'namespaces'], verbs: ['create']},
    ],
  },
  {
    kind: 'ClusterRoleBinding',
    apiVersion: 'v1',
    metadata: {name: 'bad'},
    roleRef: {name: 'cluster-admin'},
  },
  {
    kind: 'Service',
    apiVersion: 'v1',
    metadata: {name: 'bad'},
    spec: {type: 'NodePort', selector: {app: 'nobody'}, ports: [{targetPort: 'none'}]},
  },
  {
    kind: 'NetworkPolicy',
    apiVersion: 'v1',
    metadata: {name: 'bad'},
    spec: {podSelector: {matchLabels: {app: 'nobody'}}},
  },
  {kind: 'Pod', apiVersion: 'v1', metadata: {name: 'bad'}, spec: {containers: []}},
];
for (const {ids, culprits} of OBJECT_RULES)
  test(`an object that does everything wrong is told of: ${ids[0]}`, t =>
    t.true(culprits(BAD_OBJECTS).length > 0));
