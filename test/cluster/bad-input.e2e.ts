import test from 'ava';
import {apply, inNamespace, kubectl, kubectlJson, OPERATOR_NAMESPACE, waitFor} from '../helpers/cluster.ts';
import {assertNothingLeft} from '../helpers/node-state.ts';
import {applyProbe, runProbe, runWorkload, waitComplete} from '../helpers/probe.ts';

type Refusal = {title: string; spec: object; field: RegExp; value: RegExp};

const target = {podName: 'target'};
const REFUSALS: Refusal[] = [
  {
    title: 'two targets',
    spec: {target: {podName: 'a', selector: {matchLabels: {app: 'a'}}}},
    field: /spec\.target/,
    value: /podName.*selector/,
  },
  {title: 'no target', spec: {target: {}}, field: /spec\.target/, value: /exactly one/},
  ...['-1', '100m', '10Ei', 'abc'].map(value => ({
    title: `a step size of ${value}`,
    spec: {target, pressure: {stepSize: value}},
    field: /spec\.pressure\.stepSize/,
    value: new RegExp(value),
  })),
  ...['-1', '100m', '10Ei', 'abc'].map(value => ({
    title: `an expected size of ${value}`,
    spec: {target, criteria: {expectedSize: value}},
    field: /spec\.criteria\.expectedSize/,
    value: new RegExp(value),
  })),
  {
    title: 'a percentage of 95%',
    spec: {target, guards: {minNodeAvailable: '95%'}},
    field: /minNodeAvailable/,
    value: /95%/,
  },
  {title: '33 rounds', spec: {target, rounds: {count: 33}}, field: /spec\.rounds\.count/, value: /33/},
];

/** As far as admission: the API server answers as it would, and nothing is stored. */
const askAdmission = (spec: object): Promise<string> => {
  const probe = {
    apiVersion: 'memoryprobe.dev/v1alpha1',
    kind: 'MemoryProbe',
    metadata: {namespace: 'default', name: 'probe'},
    spec,
  };
  return kubectl(['apply', '--dry-run=server', '-f', '-'], JSON.stringify(probe));
};

for (const {title, spec, field, value} of REFUSALS)
  test(`${title} is refused at admission with a sentence that names the field and the value`, async t => {
    const error = await t.throwsAsync(askAdmission(spec));
    t.regex(error?.message ?? '', field);
    t.regex(error?.message ?? '', value);
  });

test('a changed spec is refused: a new look is a new probe', t =>
  inNamespace('immutable', async namespace => {
    await applyProbe(namespace, 'probe', {target});
    const error = await t.throwsAsync(applyProbe(namespace, 'probe', {target: {podName: 'other'}}));
    t.regex(error?.message ?? '', /immutable/);
  }));

test('1.5Gi is a legal quantity', async t => {
  t.regex(await askAdmission({target, criteria: {expectedSize: '1.5Gi'}}), /created/);
});

type Ending = {title: string; spec: Parameters<typeof runProbe>[2]; reason: string; message: RegExp};

const short = {deadlineSeconds: 10};
const ENDINGS: Ending[] = [
  {
    title: 'a target that does not exist',
    spec: {target: {podName: 'nobody'}, guards: short},
    reason: 'TargetNotFound',
    message: /nobody/,
  },
  {
    title: 'a selector that matches nothing',
    spec: {target: {selector: {matchLabels: {app: 'nobody'}}}, guards: short},
    reason: 'NoPodMatches',
    message: /app=nobody/,
  },
  {
    title: 'a container that the pod does not have',
    spec: {target: {podName: 'target', container: 'sidecar'}, guards: short},
    reason: 'ContainerNotFound',
    message: /sidecar/,
  },
  {
    title: 'a pod that cannot start',
    spec: {target: {podName: 'stuck'}, guards: short},
    reason: 'TargetNotRunning',
    message: /stuck/,
  },
];

const createStuckPod = (namespace: string): Promise<void> =>
  apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {namespace, name: 'stuck'},
    spec: {
      automountServiceAccountToken: false,
      containers: [{name: 'app', image: 'localhost/no-such-image:1', imagePullPolicy: 'Never'}],
    },
  });

test('what cannot be looked at ends as Inconclusive within the deadline, each for its own reason', t =>
  inNamespace('endings', async namespace => {
    await createStuckPod(namespace);
    await runWorkload({namespace, name: 'target', node: 'native', args: ['held-idle', '--held=10Mi']});
    const check = async ({title, spec, reason, message}: Ending, index: number) => {
      const probe = await runProbe(namespace, `probe-${index}`, spec);
      t.like(probe.status, {verdict: 'Inconclusive', reason}, title);
      t.regex(probe.status?.message ?? '', message, title);
    };
    await Promise.all(ENDINGS.map(check));
    await assertNothingLeft(t, 'native');
  }));

test('a pod that comes later than its probe is waited for', t =>
  inNamespace('later', async namespace => {
    await applyProbe(namespace, 'probe', {target, criteria: {idleSeconds: 0}});
    await runWorkload({
      namespace,
      name: 'target',
      node: 'native',
      args: ['lazily-freed', '--freed=50Mi', '--held=10Mi'],
    });
    t.is((await waitComplete(namespace, 'probe')).status?.verdict, 'Reclaimable');
    await assertNothingLeft(t, 'native');
  }));

const OPERATOR = ['-n', OPERATOR_NAMESPACE, 'deployment/memoryprobe'];
const POLICY = ['validatingadmissionpolicy', 'memoryprobe-balloon-pods'];

/** In the operator's settings and in the policy on its pods, as `helm upgrade` changes both. */
const setBalloonImage = async (before: string, image: string): Promise<void> => {
  const policy = await kubectl(['get', ...POLICY, '-o', 'json']);
  await kubectl(['replace', '-f', '-'], policy.replaceAll(before, image));
  await kubectl(['set', 'env', ...OPERATOR, `BALLOON_IMAGE=${image}`]);
  await kubectl(['rollout', 'status', ...OPERATOR, '--timeout=60s']);
  // Rolled out is not handed over: one that is told to end may still take up a probe.
  const {spec} = await kubectlJson<{spec: {replicas: number}}>(['get', ...OPERATOR]);
  await waitFor('the operators before to be gone', async () => {
    const selector = ['-l', 'app.kubernetes.io/component=operator'];
    const {items} = await kubectlJson<{items: object[]}>([
      'get',
      'pods',
      '-n',
      OPERATOR_NAMESPACE,
      ...selector,
    ]);
    return items.length === spec.replicas || undefined;
  });
};

test('a balloon image that cannot be pulled ends in Inconclusive BalloonImage, and the next probe has its turn', t =>
  inNamespace('image', async namespace => {
    await runWorkload({namespace, name: 'target', node: 'native', args: ['held-idle', '--held=20Mi']});
    const path = '{.spec.template.spec.containers[0].env[?(@.name=="BALLOON_IMAGE")].value}';
    const image = await kubectl(['get', ...OPERATOR, '-o', `jsonpath=${path}`]);
    const spec = {target, criteria: {idleSeconds: 0}};
    const missing = 'localhost/memoryprobe/no-such-image:1';
    try {
      await setBalloonImage(image, missing);
      const probe = await runProbe(namespace, 'without-image', spec);
      t.like(probe.status, {verdict: 'Inconclusive', reason: 'BalloonImage'});
      await assertNothingLeft(t, 'native');
    } finally {
      await setBalloonImage(missing, image);
    }
    const {status} = await runProbe(namespace, 'with-image', spec);
    t.is(status?.verdict, 'Held', status?.message ?? '');
    await assertNothingLeft(t, 'native');
  }));
