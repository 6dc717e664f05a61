import {chartTest, type Manifest, renderChart, renderReleaseOf} from '../helpers/helm.ts';

const find = (objects: Manifest[], kind: string, name?: string): Manifest | undefined =>
  objects.find(object => object.kind === kind && (name === undefined || object.metadata.name === name));
const labelsOf = (object: Manifest | undefined): Record<string, string> =>
  (object?.metadata as {labels?: Record<string, string>} | undefined)?.labels ?? {};

chartTest('a disruption budget is made for replicas that can stand in for each other', t => {
  t.is(find(renderChart('--set', 'replicas=1'), 'PodDisruptionBudget'), undefined);
  t.like(find(renderChart('--set', 'replicas=2'), 'PodDisruptionBudget'), {
    spec: {maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow'},
  });
});

chartTest('balloon pods are below everything, and nobody is displaced', t => {
  const objects = renderChart();
  const [operator, balloon] = ['operator', 'balloon'].map(
    name => find(objects, 'PriorityClass', `memoryprobe-${name}`) as unknown as Record<string, unknown>,
  );
  t.like(balloon, {preemptionPolicy: 'Never'});
  t.like(operator, {preemptionPolicy: 'Never'});
  t.true(Number(balloon?.value) < -10, 'below what cluster autoscalers count');
  t.true(Number(operator?.value) > 0);
});

chartTest('priority classes of others are named and none is made', t => {
  const flags = ['priorityClasses.create=false', 'priorityClassName=ours', 'balloon.priorityClassName=low'];
  const objects = renderChart(...flags.flatMap(flag => ['--set', flag]));
  t.is(find(objects, 'PriorityClass'), undefined);
  const text = JSON.stringify(find(objects, 'Deployment'));
  t.true(text.includes('"priorityClassName":"ours"'));
  t.true(text.includes('{"name":"BALLOON_PRIORITY_CLASS","value":"low"}'));
});

type Policy = {spec: {policyTypes: string[]; ingress?: object[]; egress?: object[]}};

chartTest('balloon pods may talk to nobody, the operator to the API server and DNS alone', t => {
  const objects = renderChart('--set', 'networkPolicy.apiServerCidrs={10.0.0.1/32}');
  const balloon = find(objects, 'NetworkPolicy', 'memoryprobe-balloon') as unknown as Policy;
  t.deepEqual(balloon.spec.policyTypes, ['Ingress', 'Egress']);
  t.deepEqual([balloon.spec.ingress, balloon.spec.egress], [undefined, undefined]);
  const {spec} = find(objects, 'NetworkPolicy', 'memoryprobe') as unknown as Policy;
  t.is(spec.ingress?.length, 1);
  t.deepEqual(
    spec.egress?.map(rule => ('to' in rule ? rule.to : 'anywhere')),
    [[{ipBlock: {cidr: '10.0.0.1/32'}}], 'anywhere'],
  );
});

chartTest('who may view may look, who may edit may probe, and nobody writes a verdict', t => {
  const objects = renderChart();
  const [viewer, editor] = ['viewer', 'editor'].map(name =>
    find(objects, 'ClusterRole', `memoryprobe-${name}`),
  );
  const aggregations = (object: Manifest | undefined): string[] =>
    Object.keys(labelsOf(object)).filter(label => label.includes('/aggregate-to-'));
  t.is(aggregations(viewer).length, 3);
  t.deepEqual(
    aggregations(editor).map(label => label.split('-').at(-1)),
    ['edit', 'admin'],
  );
  t.false(JSON.stringify([viewer?.rules, editor?.rules]).includes('status'));
  t.false(JSON.stringify(renderChart('--set', 'userRoles.aggregate=false')).includes('aggregate-to'));
});

chartTest('the resource is upgraded with the chart, and stays when the release goes', t => {
  const kept = find(renderChart(), 'CustomResourceDefinition') as Manifest;
  t.like(kept.metadata, {annotations: {'helm.sh/resource-policy': 'keep'}});
  t.notThrows(() => renderChart('--set', 'crds.keep=false'));
  t.is(find(renderChart('--set', 'crds.enabled=false'), 'CustomResourceDefinition'), undefined);
});

chartTest('a release of any name has names that fit', t => {
  const names = (release: string) => renderReleaseOf(release).map(({metadata}) => metadata.name);
  for (const release of ['a'.repeat(53), 'memoryprobe'.repeat(4)])
    for (const name of names(release)) t.true(name.length <= 63, name);
  t.truthy(find(renderChart('--set', 'fullnameOverride=mp'), 'Deployment', 'mp'));
});

chartTest('plain manifests have a namespace that allows balloon pods, before what lies in it', t => {
  const plain = renderChart('--set', 'namespace.create=true');
  const namespace = find(plain, 'Namespace') as Manifest;
  t.is(labelsOf(namespace)['pod-security.kubernetes.io/enforce'], 'privileged');
  t.deepEqual(
    plain.filter(object => object !== namespace),
    renderChart(),
  );
  const firstInside = plain.findIndex(({metadata}) => metadata.namespace !== undefined);
  t.true(plain.indexOf(namespace) < firstInside);
});
