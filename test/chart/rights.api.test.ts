import type {ExecutionContext} from 'ava';
import {createResource} from '../../src/kube/resource.ts';
import {CONFIG_MAPS} from '../../src/kube/types.ts';
import {startDeployed, stopDeployed} from '../helpers/deployed.ts';
import {hasHelm, type Manifest} from '../helpers/helm.ts';
import {installRules} from '../helpers/install.ts';
import {createApiTest} from '../helpers/need-api-server.ts';
import {reclaimableReport} from '../helpers/reports.ts';
import {formatRight, grantedRights, isNeededBy, neededRight} from '../helpers/rights.ts';
import {OPERATOR_ACCOUNT} from '../helpers/tenancy.ts';
import {
  createProbe,
  eventually,
  OPERATOR_NAMESPACE,
  type Place,
  type World,
  waitComplete,
  waitNothingLeft,
  waitPod,
} from '../helpers/world.ts';

const apiTest = createApiTest();

/** What belongs to no namespace. */
const CLUSTER_WIDE = new Set(['nodes', 'namespaces', 'subjectaccessreviews']);

const SPEC = {target: {podName: 'target'}};

/** A balloon pod that dies and is repaired, for a squeeze of the node that somebody asks for who may. */
const runRepaired = async (world: World, {namespace, nodeName}: Place): Promise<void> => {
  const {kubelet} = world;
  await kubelet.runTarget({namespace, nodeName, name: 'target'});
  const annotations = {
    'memoryprobe.dev/requested-by': 'admin',
    'memoryprobe.dev/requested-by-groups': 'system:masters',
  };
  const {metadata} = await world.probes.create(namespace, {
    apiVersion: 'memoryprobe.dev/v1alpha1',
    kind: 'MemoryProbe',
    metadata: {name: 'repaired', annotations},
    spec: {...SPEC, pressure: {scope: 'Node'}},
  });
  const balloon = await waitPod(world, 'balloon', metadata.uid);
  await kubelet.start(balloon);
  await kubelet.end(balloon, {exitCode: 137});
  await kubelet.end(await waitPod(world, 'repair', metadata.uid), {exitCode: 0});
  await waitComplete(world, namespace, 'repaired');
  await waitNothingLeft(world, namespace, 'repaired');
};

/** A verdict, after which the probe is deleted by itself. */
const runWhole = async (t: ExecutionContext, world: World, {namespace, nodeName}: Place): Promise<void> => {
  const target = await world.kubelet.runTarget({namespace, nodeName, name: 'target'});
  const spec = {...SPEC, ttlSecondsAfterFinished: 2};
  const {metadata} = await createProbe(world, namespace, 'whole', spec);
  const pod = await waitPod(world, 'balloon', metadata.uid);
  await world.kubelet.end(pod, {exitCode: 0, report: reclaimableReport(target)});
  t.is((await waitComplete(world, namespace, 'whole')).status?.verdict, 'Reclaimable');
  await eventually('the probe to be deleted', async () =>
    world.probes.get({namespace, name: 'whole'}).then(
      () => undefined,
      () => true as const,
    ),
  );
};

/** The switch comes on while the watch of it is open, and goes again. */
const throwStopSwitch = async (world: World): Promise<void> => {
  const configMaps = createResource(world.rest, CONFIG_MAPS);
  const ref = {namespace: OPERATOR_NAMESPACE, name: 'memoryprobe-stop'};
  const {metadata} = await configMaps.create(ref.namespace, {metadata: {name: ref.name}});
  await configMaps.delete(ref, {uid: metadata.uid});
};

/** A pod whose probe is gone, for the sweep at the start. */
const leaveOrphan = ({rest}: World, {namespace}: Place): Promise<unknown> =>
  rest.call({
    method: 'POST',
    path: `/api/v1/namespaces/${OPERATOR_NAMESPACE}/pods`,
    body: {
      metadata: {
        name: 'balloon-orphan',
        labels: {
          'app.kubernetes.io/name': 'memoryprobe',
          'app.kubernetes.io/component': 'balloon',
          'memoryprobe.dev/probe-uid': 'gone',
        },
        annotations: {'memoryprobe.dev/probe': `${namespace}/gone`},
      },
      spec: {containers: [{name: 'agent', image: 'i'}]},
    },
  });

const optIn = ({rest}: World, {namespace}: Place): Promise<unknown> =>
  rest.call({
    method: 'PATCH',
    path: `/api/v1/namespaces/${namespace}`,
    body: {metadata: {labels: {'memoryprobe.dev/probes': 'allowed'}}},
    contentType: 'application/merge-patch+json',
  });

/** Every way that a probe can go, of an operator as the chart runs it: with the lease, and all that can be switched on. */
const runEverything = async (t: ExecutionContext, world: World): Promise<Manifest[]> => {
  const objects = await installRules(world.rest, '--set', 'nodeScope.allowed=true,namespaceOptIn=true');
  const [first, second] = [await world.place(), await world.place()];
  for (const place of [first, second]) await optIn(world, place);
  await leaveOrphan(world, first);
  const kubeconfig = world.api.kubeconfigOf(OPERATOR_ACCOUNT);
  const operator = startDeployed(objects, kubeconfig, OPERATOR_NAMESPACE);
  t.teardown(() => void operator.kill('SIGKILL'));
  await runRepaired(world, first);
  await runWhole(t, world, second);
  await throwStopSwitch(world);
  // Long enough for the lease to be renewed.
  await eventually('the lead to be kept', () =>
    world.api.audit().some(({verb, objectRef}) => verb === 'update' && objectRef?.resource === 'leases')
      ? true
      : undefined,
  );
  t.is(await stopDeployed(operator), 0);
  return objects;
};

apiTest(
  "the operator's rights are the calls that it makes: none is refused, none is unused",
  async (t, world) => {
    if (!hasHelm(t)) {
      t.pass();
      return;
    }
    const granted = grantedRights(await runEverything(t, world), OPERATOR_ACCOUNT);
    const calls = world.api.audit().filter(({user}) => user.username === OPERATOR_ACCOUNT);
    const refused = calls.filter(({responseStatus}) => responseStatus?.code === 403);
    t.deepEqual(
      refused.map(call => formatRight(neededRight(call))),
      [],
    );
    const needs = calls.map(neededRight);
    const unused = granted.filter(right => !needs.some(need => isNeededBy(right, need)));
    t.deepEqual(unused.map(formatRight), []);
    const everywhere = granted.filter(
      right => right.namespace === undefined && !CLUSTER_WIDE.has(right.resource),
    );
    const atHome = everywhere.filter(right =>
      needs.filter(need => isNeededBy(right, need)).every(need => need.namespace === OPERATOR_NAMESPACE),
    );
    t.deepEqual(atHome.map(formatRight), [], 'a right for all namespaces that is needed in its own alone');
    t.log(`${granted.length} rights, ${calls.length} calls\n${granted.map(formatRight).join('\n')}`);
  },
);
