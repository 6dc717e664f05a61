import test from 'ava';
import {hasHelm} from '../helpers/helm.ts';
import {createApiTest} from '../helpers/need-api-server.ts';
import {CLOSED, HOME, NEIGHBOUR, startTenancy, type Tenancy} from '../helpers/tenancy.ts';
import {
  createProbe,
  eventually,
  isComplete,
  listOwnPods,
  OPERATOR_NAMESPACE,
  type World,
  waitComplete,
} from '../helpers/world.ts';
import {ATTEMPTS, REFUSERS} from './tenancy/attempts.ts';
import {BY, NODE_WIDE, PODS, PROBES, probeBody, RBAC, TARGET} from './tenancy/requests.ts';

const apiTest = createApiTest();

let tenancy: Promise<Tenancy> | undefined;
test.after.always(async () => (await tenancy?.catch(() => undefined))?.close());

/** The tenant's own probe with its balloon pod, and ada's: what the attempts are made on. */
const prepare = async (world: World): Promise<Tenancy> => {
  const scene = await startTenancy(world);
  const {rest} = scene.tenant;
  await rest.call({method: 'POST', path: PROBES(HOME), body: probeBody('mine', {target: TARGET})});
  await eventually('the tenant to have a balloon pod', async () =>
    (await world.probes.get({namespace: HOME, name: 'mine'})).metadata.finalizers?.length ? true : undefined,
  );
  const annotations = {[BY]: 'ada'};
  await scene.ada.rest.call({
    method: 'POST',
    path: PROBES(HOME),
    body: probeBody('adas', NODE_WIDE, annotations),
  });
  return scene;
};

const withTenancy = (
  title: string,
  body: (t: Parameters<Parameters<typeof apiTest>[1]>[0], scene: Tenancy) => Promise<void>,
) =>
  apiTest(title, async (t, world) => {
    if (!hasHelm(t)) {
      t.pass();
      return;
    }
    tenancy ??= prepare(world);
    await body(t, await tenancy);
  });

for (const {title, by, says, does} of ATTEMPTS)
  withTenancy(`a tenant cannot ${title}: refused by ${by}`, async (t, scene) => {
    const error = await t.throwsAsync(does(scene.tenant.rest, scene));
    t.regex(error?.message ?? '', REFUSERS[by]);
    if (says) t.regex(error?.message ?? '', says);
    if (by !== 'VAP') t.notRegex(error?.message ?? '', REFUSERS.VAP);
  });

withTenancy(
  'what the schema does not know is dropped where it is not refused',
  async (t, {tenant, world}) => {
    const spec = {target: {...TARGET, namespace: NEIGHBOUR}, image: 'evil', hostNetwork: true};
    const name = 'pruned';
    await tenant.rest.call({method: 'POST', path: PROBES(HOME), body: probeBody(name, spec)});
    const stored = await world.probes.get({namespace: HOME, name});
    t.deepEqual(stored.spec.target, TARGET);
    t.false('image' in stored.spec || 'hostNetwork' in stored.spec);
    await tenant.rest.call({method: 'DELETE', path: `${PROBES(HOME)}/${name}`});
  },
);

type Refusal = {title: string; namespace?: string; reason: string; says: RegExp; spec: object; pod?: object};

/** What the API server has no reason to refuse. `pod`: what the target is like. */
const OPERATOR_REFUSALS: Refusal[] = [
  {
    title: 'look at a static pod',
    reason: 'TargetNotAllowed',
    says: /static pod/,
    spec: {target: {podName: 'static'}},
    pod: {name: 'static', annotations: {'kubernetes.io/config.mirror': 'x'}},
  },
  {
    title: 'pass a pod off as a balloon pod of MemoryProbe',
    reason: 'TargetNotAllowed',
    says: /balloon pod of MemoryProbe/,
    spec: {target: {podName: 'fake'}},
    pod: {
      name: 'fake',
      labels: {'app.kubernetes.io/name': 'memoryprobe', 'app.kubernetes.io/component': 'balloon'},
    },
  },
  {
    title: 'put a selector into the name of a label',
    reason: 'SpecInvalid',
    says: /must be names of labels/,
    spec: {target: {selector: {matchLabels: {'a in (b),c': 'd'}}}},
  },
];

for (const {title, reason, says, spec, pod} of OPERATOR_REFUSALS)
  withTenancy(`a tenant cannot ${title}: refused by the operator`, async (t, {tenant, world}) => {
    const name = reason.toLowerCase() + title.length;
    if (pod) await world.kubelet.runTarget({namespace: HOME, name, nodeName: 'node-home', ...pod});
    await tenant.rest.call({method: 'POST', path: PROBES(HOME), body: probeBody(name, spec)});
    const {status, metadata} = await waitComplete(world, HOME, name);
    t.like(status, {verdict: 'Inconclusive', reason});
    t.regex(status?.message ?? '', says);
    t.false(
      (await listOwnPods(world)).some(
        own => own.metadata.labels?.['memoryprobe.dev/probe-uid'] === metadata.uid,
      ),
    );
  });

withTenancy(
  'nobody looks at the operator or at a balloon pod: refused by the operator',
  async (t, {world, balloon}) => {
    await world.rest.call({
      method: 'PATCH',
      path: `/api/v1/namespaces/${OPERATOR_NAMESPACE}`,
      body: {metadata: {labels: {'memoryprobe.dev/probes': 'allowed'}}},
      contentType: 'application/merge-patch+json',
    });
    await createProbe(world, OPERATOR_NAMESPACE, 'inside', {target: {podName: balloon.metadata.name}});
    const {status} = await waitComplete(world, OPERATOR_NAMESPACE, 'inside');
    t.like(status, {verdict: 'Inconclusive', reason: 'TargetNotAllowed'});
  },
);

withTenancy(
  'nobody looks at kube-system, whatever RBAC says: refused by the operator',
  async (t, {world}) => {
    await world.rest.call({
      method: 'PATCH',
      path: '/api/v1/namespaces/kube-system',
      body: {metadata: {labels: {'memoryprobe.dev/probes': 'allowed'}}},
      contentType: 'application/merge-patch+json',
    });
    await world.kubelet.runTarget({namespace: 'kube-system', name: 'target', nodeName: 'node-home'});
    await createProbe(world, 'kube-system', 'inside', {target: TARGET});
    t.is((await waitComplete(world, 'kube-system', 'inside')).status?.reason, 'TargetNotAllowed');
  },
);

withTenancy(
  'a right that is taken away is gone for the probe that waits: refused by the operator',
  async (t, {world}) => {
    const {metadata} = await world.probes.get({namespace: HOME, name: 'adas'});
    t.is(metadata.annotations?.[BY], 'ada');
    await world.rest.call({method: 'DELETE', path: `${RBAC}/rolebindings/ada-memoryprobe-node-scope`});
    const mine = await world.probes.get({namespace: HOME, name: 'mine'});
    const pods = await listOwnPods(world, 'balloon');
    const own = pods.find(pod => pod.metadata.labels?.['memoryprobe.dev/probe-uid'] === mine.metadata.uid);
    t.truthy(own);
    await world.probes.delete({namespace: HOME, name: 'mine'}, {uid: mine.metadata.uid});
    if (own) await world.kubelet.remove(own);
    const {status} = await waitComplete(world, HOME, 'adas');
    t.like(status, {verdict: 'Inconclusive', reason: 'NotPermitted'});
    t.regex(status?.message ?? '', /user "ada" may not squeeze-node/);
  },
);

withTenancy(
  'with the policy taken away the operator still asks: refused by the operator',
  async (t, {world, tenant}) => {
    const path = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings/memoryprobe-probes';
    await world.rest.call({method: 'DELETE', path});
    await eventually('the policy to be out of force', async () =>
      tenant.rest
        .call({method: 'POST', path: PROBES(HOME), body: probeBody('forged', NODE_WIDE, {[BY]: 'ada'})})
        .then(
          () => true as const,
          () => undefined,
        ),
    );
    t.is((await waitComplete(world, HOME, 'forged')).status?.reason, 'NotPermitted');
    await tenant.rest.call({
      method: 'POST',
      path: PROBES(CLOSED),
      body: probeBody('closed', {target: TARGET}),
    });
    t.is((await waitComplete(world, CLOSED, 'closed')).status?.reason, 'NotPermitted');
  },
);

withTenancy('the neighbour noticed nothing of all that', async (t, {world, balloon, operator}) => {
  const probe = await world.probes.get({namespace: NEIGHBOUR, name: 'probe'});
  t.false(isComplete(probe));
  const [left] = (await listOwnPods(world)).filter(({metadata}) => metadata.uid === balloon.metadata.uid);
  t.is(left?.metadata.deletionTimestamp, undefined);
  const made = operator.writes.filter(({method, path}) => method === 'POST' && path.endsWith('/pods'));
  t.true(made.every(({path}) => path === PODS(OPERATOR_NAMESPACE)));
});
