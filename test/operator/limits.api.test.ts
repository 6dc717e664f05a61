import {createResource} from '../../src/kube/resource.ts';
import {CONFIG_MAPS, type Pod} from '../../src/kube/types.ts';
import {createApiTest} from '../helpers/need-api-server.ts';
import {reclaimableReport} from '../helpers/reports.ts';
import {
  createProbe,
  eventually,
  kstatusFaults,
  listOwnPods,
  OPERATOR_NAMESPACE,
  type Place,
  startOperator,
  type World,
  waitComplete,
  waitNothingLeft,
  waitPod,
} from '../helpers/world.ts';

const apiTest = createApiTest();

const SPEC = {target: {podName: 'target'}};

type Started = {uid: string; target: Pod};

/** A probe with a target on a node of its own. */
const startProbe = async (world: World, place: Place): Promise<Started> => {
  const target = await world.kubelet.runTarget({...place, name: 'target'});
  return {target, uid: (await createProbe(world, place.namespace, 'probe', SPEC)).metadata.uid};
};

/** Its balloon pod, running on the node. */
const startPod = async (world: World, {nodeName}: Place, uid: string): Promise<Pod> => {
  const pod = await waitPod(world, 'balloon', uid);
  await world.kubelet.accept(pod, nodeName);
  await world.kubelet.start(pod);
  return pod;
};

/** The agent was told to end before it was done, and put everything back. */
const STOPPED = {evidence: {}, failure: {reason: 'BalloonFailed' as const, message: 'told to stop'}};

const conditionOf = async (world: World, {namespace}: Place, name = 'probe') => {
  const {status} = await world.probes.get({namespace, name});
  const told = status?.conditions?.find(({type}) => type === 'Reconciling');
  return {phase: status?.phase, reason: told?.reason, message: told?.message ?? ''};
};

const waitReason = (world: World, place: Place, reason: string) =>
  eventually(`the reason ${reason}`, async () => {
    const seen = await conditionOf(world, place);
    return seen.reason === reason ? seen : undefined;
  });

const throwSwitch = async (world: World, reason: string): Promise<() => Promise<unknown>> => {
  const configMaps = createResource(world.rest, CONFIG_MAPS);
  const ref = {namespace: OPERATOR_NAMESPACE, name: 'memoryprobe-stop'};
  const {metadata} = await configMaps.create(ref.namespace, {metadata: {name: ref.name}, data: {reason}});
  return () => configMaps.delete(ref, {uid: metadata.uid});
};

apiTest('the stop switch lets go of all that run, at once, and lets nothing start', async (t, world) => {
  const {kubelet} = world;
  const running = [await world.place(), await world.place(), await world.place()];
  const operator = startOperator(world);
  const pods: {pod: Pod; target: Pod}[] = [];
  for (const place of running) {
    const {uid, target} = await startProbe(world, place);
    pods.push({pod: await startPod(world, place, uid), target});
    await waitReason(world, place, 'Squeezing');
  }
  const startMs = performance.now();
  const release = await throwSwitch(world, 'incident 7');
  await eventually('all balloon pods to be told to end', async () => {
    const left = (await listOwnPods(world, 'balloon')).filter(
      ({metadata}) => metadata.deletionTimestamp === undefined,
    );
    return left.length === 0 || undefined;
  });
  t.log(`told to end after ${(performance.now() - startMs).toFixed(0)} ms`);
  for (const {pod, target} of pods) {
    await kubelet.end(pod, {exitCode: 0, report: reclaimableReport(target, STOPPED)});
    await kubelet.remove(pod);
  }
  for (const place of running) {
    const probe = await waitComplete(world, place.namespace, 'probe');
    t.like(probe.status, {verdict: 'Inconclusive', reason: 'StopSwitch'});
    t.regex(probe.status?.message ?? '', /incident 7/);
    t.deepEqual(kstatusFaults(probe), []);
    await waitNothingLeft(world, place.namespace, 'probe');
  }

  const late = await world.place();
  const {uid} = await startProbe(world, late);
  const held = await waitReason(world, late, 'StopSwitch');
  t.is(held.phase, 'Waiting');
  t.regex(held.message, /incident 7/);
  t.deepEqual(await listOwnPods(world, 'balloon'), []);
  await release();
  t.truthy(await waitPod(world, 'balloon', uid));
  await operator.stop();
});

apiTest('an operator that starts while the switch is on lets go too', async (t, world) => {
  const place = await world.place();
  const first = startOperator(world);
  const {uid} = await startProbe(world, place);
  const pod = await startPod(world, place, uid);
  await waitReason(world, place, 'Squeezing');
  await first.kill();
  const release = await throwSwitch(world, '');
  const second = startOperator(world);
  await eventually(
    'the balloon pod to be told to end',
    async () => (await waitPod(world, 'balloon', uid)).metadata.deletionTimestamp,
  );
  await world.kubelet.remove(pod);
  await world.kubelet.end(await waitPod(world, 'repair', uid), {exitCode: 0});
  const {status} = await waitComplete(world, place.namespace, 'probe');
  t.like(status, {verdict: 'Inconclusive', reason: 'StopSwitch'});
  await waitNothingLeft(world, place.namespace, 'probe');
  await release();
  await second.stop();
});

apiTest(
  'no more balloon pods than a budget lets be, and who waits goes on when one ends',
  async (t, world) => {
    const places = [await world.place(), await world.place(), await world.place(), await world.place()];
    const before = await listOwnPods(world, 'balloon');
    for (const pod of before) await world.kubelet.remove(pod);
    const operator = startOperator(world, {config: {budgets: {cluster: 2, namespace: 2}}});
    await operator.synced();
    const probes = await Promise.all(places.map(place => startProbe(world, place)));
    const ownerOf = ({metadata}: Pod) =>
      probes.findIndex(({uid}) => uid === metadata.labels?.['memoryprobe.dev/probe-uid']);
    const alive = async () => (await listOwnPods(world, 'balloon')).filter(pod => ownerOf(pod) >= 0);
    let most = 0;
    for (let ended = 0; ended < probes.length; ended += 1) {
      const [pod] = await eventually('a balloon pod', async () => {
        const pods = await alive();
        most = Math.max(most, pods.length);
        return pods.length > 0 ? pods : undefined;
      });
      const waiting = await Promise.all(places.map(place => conditionOf(world, place)));
      for (const {phase, message} of waiting.filter(({reason}) => reason === 'BudgetSpent')) {
        t.is(phase, 'Waiting');
        t.regex(message, /at most 2 probes run at once in the cluster/);
      }
      const owner = pod ? ownerOf(pod) : -1;
      const [place, probe] = [places[owner], probes[owner]];
      if (!pod || !place || !probe) throw new Error('a balloon pod of nobody');
      await world.kubelet.end(pod, {exitCode: 0, report: reclaimableReport(probe.target)});
      await waitNothingLeft(world, place.namespace, 'probe');
    }
    t.true(most <= 2, `${most} balloon pods at once`);
    const made = operator.writes.filter(({method, path}) => method === 'POST' && path.endsWith('/pods'));
    t.is(made.length, probes.length);
    await operator.stop();
  },
);

apiTest('a namespace whose budget is spent keeps no other from its node', async (t, world) => {
  const [mine, other] = [await world.place(), await world.place()];
  const operator = startOperator(world, {config: {budgets: {cluster: 10, namespace: 1}}});
  const {namespace} = mine;
  await world.kubelet.runTarget({namespace, name: 'elsewhere', nodeName: other.nodeName});
  await waitPod(world, 'balloon', (await startProbe(world, mine)).uid);
  await createProbe(world, namespace, 'second', {target: {podName: 'elsewhere'}});
  await eventually('the second to wait', async () =>
    (await conditionOf(world, mine, 'second')).reason === 'BudgetSpent' ? true : undefined,
  );
  t.truthy(await waitPod(world, 'balloon', (await startProbe(world, other)).uid));
  await operator.stop();
});
