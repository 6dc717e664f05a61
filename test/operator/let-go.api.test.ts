import {FINALIZER} from '../../src/api/names.ts';
import {systemClock} from '../../src/lib/clock.ts';
import {silentLog} from '../../src/lib/log.ts';
import {letGo} from '../../src/operator/let-go.ts';
import {OWN_PODS} from '../../src/operator/operator.ts';
import {createApiTest} from '../helpers/need-api-server.ts';
import {reclaimableReport} from '../helpers/reports.ts';
import {
  createProbe,
  eventually,
  listOwnPods,
  OPERATOR_NAMESPACE,
  startOperator,
  type World,
  waitComplete,
  waitNothingLeft,
  waitPod,
} from '../helpers/world.ts';

const apiTest = createApiTest();
const DEPLOYMENTS = `/apis/apps/v1/namespaces/${OPERATOR_NAMESPACE}/deployments`;
const LEASES = `/apis/coordination.k8s.io/v1/namespaces/${OPERATOR_NAMESPACE}/leases`;

const createDeployment = async ({rest}: World, name: string): Promise<void> => {
  const labels = {app: name};
  const template = {metadata: {labels}, spec: {containers: [{name: 'operator', image: 'i'}]}};
  const body = {metadata: {name}, spec: {replicas: 1, selector: {matchLabels: labels}, template}};
  await rest.call({method: 'POST', path: DEPLOYMENTS, body});
  const lease = {metadata: {name}, spec: {holderIdentity: 'before'}};
  await rest.call({method: 'POST', path: LEASES, body: lease});
};

type LetGoOrder = {name: string; patienceSeconds: number; stop?: AbortSignal};

const runLetGo = (
  {rest, ...world}: World,
  {name, patienceSeconds, stop = new AbortController().signal}: LetGoOrder,
): Promise<void> =>
  letGo({
    deployment: name,
    patienceSeconds,
    rest,
    clock: systemClock,
    log: silentLog,
    namespace: OPERATOR_NAMESPACE,
    leaseName: name,
    ownPods: OWN_PODS,
    signal: stop,
    endProbes: async signal => {
      const operator = startOperator({rest, ...world}, {config: {isEnding: true}});
      await new Promise(resolve => signal.addEventListener('abort', resolve, {once: true}));
      await operator.stop();
    },
  });

apiTest(
  'a removal ends what runs and what waits, keeps verdicts, and leaves nothing that would wait for an operator',
  async (t, world) => {
    const {kubelet, rest} = world;
    const place = await world.place();
    const target = await kubelet.runTarget({...place, name: 'target'});
    await createDeployment(world, 'operator');
    const operator = startOperator(world);
    const spec = {target: {podName: 'target'}};
    const done = await createProbe(world, place.namespace, 'done', spec);
    const first = await waitPod(world, 'balloon', done.metadata.uid);
    await kubelet.end(first, {exitCode: 0, report: reclaimableReport(target)});
    const verdict = await waitComplete(world, place.namespace, 'done');
    await waitNothingLeft(world, place.namespace, 'done');
    const running = await createProbe(world, place.namespace, 'running', spec);
    const pod = await waitPod(world, 'balloon', running.metadata.uid);
    await kubelet.accept(pod, place.nodeName);
    await kubelet.start(pod);
    await createProbe(world, place.namespace, 'waiting', spec);
    await eventually('the second to wait', async () => {
      const {status} = await world.probes.get({...place, name: 'waiting'});
      return status?.phase === 'Waiting' || undefined;
    });
    await operator.stop();

    const removal = runLetGo(world, {name: 'operator', patienceSeconds: 60});
    const asked = await eventually('the balloon pod to be asked to end', async () => {
      const [own] = await listOwnPods(world, 'balloon');
      return own?.metadata.deletionTimestamp ? own : undefined;
    });
    t.is(asked.metadata.uid, pod.metadata.uid);
    await kubelet.end(asked, {exitCode: 1});
    await kubelet.end(await waitPod(world, 'repair', running.metadata.uid), {exitCode: 0});
    for (const each of await listOwnPods(world)) await kubelet.remove(each);
    await removal;

    for (const name of ['running', 'waiting']) {
      const {status, metadata} = await world.probes.get({...place, name});
      t.like(status, {verdict: 'Inconclusive', reason: 'Uninstalled', phase: 'Complete'}, name);
      t.deepEqual(metadata.finalizers ?? [], [], name);
    }
    t.deepEqual((await world.probes.get({...place, name: 'done'})).status, verdict.status);
    t.deepEqual(await listOwnPods(world), []);
    const {spec: scaled} = await rest.call<{spec: {replicas: number}}>({
      method: 'GET',
      path: `${DEPLOYMENTS}/operator`,
    });
    t.is(scaled.replicas, 0);
    await t.throwsAsync(rest.call({method: 'GET', path: `${LEASES}/operator`}), {message: /not found/});
  },
);

apiTest(
  'a removal ends in time though a kubelet does not answer: other finalizers stay, and no namespace hangs',
  async (t, world) => {
    const {kubelet} = world;
    const place = await world.place();
    await kubelet.runTarget({...place, name: 'target'});
    await createDeployment(world, 'hanging');
    const operator = startOperator(world);
    const probe = await createProbe(world, place.namespace, 'probe', {target: {podName: 'target'}});
    const pod = await waitPod(world, 'balloon', probe.metadata.uid);
    await kubelet.accept(pod, place.nodeName);
    await kubelet.start(pod);
    await operator.stop();
    const ref = {...place, name: 'probe'};
    const finalizers = ['example.com/another', FINALIZER];
    await world.probes.merge(ref, {metadata: {finalizers}});

    await runLetGo(world, {name: 'hanging', patienceSeconds: 60, stop: AbortSignal.timeout(2000)});
    t.deepEqual(
      (await world.probes.get(ref)).metadata.finalizers,
      finalizers,
      'cut off, it takes nothing off',
    );
    await runLetGo(world, {name: 'hanging', patienceSeconds: 3});
    const left = await world.probes.get(ref);
    t.deepEqual(left.metadata.finalizers, ['example.com/another']);
    const [own] = await listOwnPods(world, 'balloon');
    t.truthy(own?.metadata.deletionTimestamp, 'it was asked to let go');
    if (own) await kubelet.remove(own);
    await world.probes.merge(ref, {metadata: {finalizers: []}});
  },
);

apiTest('a removal of what is not there is no error', async (t, world) => {
  await t.notThrowsAsync(runLetGo(world, {name: 'nothing', patienceSeconds: 10}));
});
