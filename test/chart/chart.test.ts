import {readFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import * as yaml from 'js-yaml';
import {readConfig} from '../../src/operator/config.ts';
import {CHART, chartTest, type Manifest, renderChart, runHelm} from '../helpers/helm.ts';

type Container = {
  image: string;
  env: {name: string; value?: string; valueFrom?: object}[];
  securityContext: object;
  resources: {requests: object; limits: object};
  livenessProbe: object;
  readinessProbe: object;
};
type PodSpec = {securityContext: object; containers: [Container]};

const find = (objects: Manifest[], kind: string): Manifest => {
  const found = objects.find(object => object.kind === kind);
  if (!found) throw new Error(`the chart has no ${kind}`);
  return found;
};
const podOf = (objects: Manifest[]): PodSpec =>
  (find(objects, 'Deployment') as unknown as {spec: {template: {spec: PodSpec}}}).spec.template.spec;

chartTest('helm lint finds nothing', t => {
  t.regex(runHelm('lint', '--strict', CHART), /0 chart\(s\) failed/);
});

chartTest('the operator is unprivileged in every respect', t => {
  const pod = podOf(renderChart());
  t.like(pod.securityContext, {
    runAsNonRoot: true,
    runAsUser: 65532,
    seccompProfile: {type: 'RuntimeDefault'},
  });
  t.deepEqual(pod.containers[0].securityContext, {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: {drop: ['ALL']},
  });
  t.notDeepEqual(pod.containers[0].livenessProbe, pod.containers[0].readinessProbe);
});

chartTest('the environment is what the operator reads', t => {
  const [{env, image}] = podOf(
    renderChart('--set', 'image.digest=sha256:'.concat('0'.repeat(64))),
  ).containers;
  const environment = Object.fromEntries(env.map(({name, value}) => [name, value ?? 'from the pod']));
  t.like(readConfig(environment), {balloonImage: 'localhost/memoryprobe/balloon:0.1.0', workers: 4});
  t.true(image.endsWith(`@sha256:${'0'.repeat(64)}`));
});

chartTest('no rule has a wildcard, and none lets the operator into a pod or a secret', t => {
  const rules = renderChart()
    .filter(({kind}) => kind === 'Role' || kind === 'ClusterRole')
    .flatMap(({rules: list}) => list as {resources: string[]; verbs: string[]}[]);
  const words = rules.flatMap(({resources, verbs}) => [...resources, ...verbs]);
  for (const word of [
    '*',
    'secrets',
    'pods/exec',
    'pods/attach',
    'nodes/proxy',
    'escalate',
    'bind',
    'impersonate',
  ])
    t.false(words.includes(word), word);
});

test('the chart and the package have the same version', t => {
  const chart = yaml.load(readFileSync(path.join(CHART, 'Chart.yaml'), 'utf8')) as Record<string, string>;
  const {version} = JSON.parse(readFileSync(path.join(CHART, '../../package.json'), 'utf8')) as {
    version: string;
  };
  t.deepEqual([chart.version, chart.appVersion], [version, version]);
});
