import {createApiTest} from '../helpers/need-api-server.ts';
import {
  createProbe,
  eventually,
  kstatusFaults,
  OPERATOR_NAMESPACE,
  startOperator,
  type World,
  waitComplete,
  waitNothingLeft,
  waitPod,
} from '../helpers/world.ts';

const apiTest = createApiTest();

/** As where an administrator did not label it: the API server refuses privileged pods in it. */
const setLevel = ({rest}: World, level: 'baseline' | 'privileged'): Promise<unknown> =>
  rest.call({
    method: 'PATCH',
    path: `/api/v1/namespaces/${OPERATOR_NAMESPACE}`,
    body: {metadata: {labels: {'pod-security.kubernetes.io/enforce': level}}},
    contentType: 'application/merge-patch+json',
  });

apiTest('a probe ends where no balloon pod is allowed, with the refusal in its words', async (t, world) => {
  const place = await world.place();
  await world.kubelet.runTarget({...place, name: 'target'});
  await setLevel(world, 'baseline');
  const operator = startOperator(world);
  await createProbe(world, place.namespace, 'probe', {target: {podName: 'target'}});
  await eventually(
    'the operator to have tried',
    () => operator.writes.filter(({path}) => path.endsWith('/pods')).length > 1 || undefined,
  );
  operator.clock.jump(61_000);
  const probe = await waitComplete(world, place.namespace, 'probe');
  t.like(probe.status, {verdict: 'Inconclusive', reason: 'NotPermitted'});
  t.regex(probe.status?.message ?? '', /violates PodSecurity/);
  t.deepEqual(kstatusFaults(probe), []);
  await waitNothingLeft(world, place.namespace, 'probe');
  await operator.stop();
  await setLevel(world, 'privileged');
});

apiTest('a refusal that is lifted in time is forgotten', async (t, world) => {
  const place = await world.place();
  await world.kubelet.runTarget({...place, name: 'target'});
  await setLevel(world, 'baseline');
  const operator = startOperator(world);
  const probe = await createProbe(world, place.namespace, 'probe', {target: {podName: 'target'}});
  await eventually(
    'the operator to have tried',
    () => operator.writes.some(({path}) => path.endsWith('/pods')) || undefined,
  );
  await setLevel(world, 'privileged');
  const pod = await waitPod(world, 'balloon', probe.metadata.uid);
  t.is(pod.metadata.namespace, OPERATOR_NAMESPACE);
  await operator.stop();
  await world.kubelet.remove(pod);
});

apiTest('a probe ends where its repair pod is refused, and says so', async (t, world) => {
  const place = await world.place();
  await world.kubelet.runTarget({...place, name: 'target'});
  const operator = startOperator(world);
  const {metadata} = await createProbe(world, place.namespace, 'probe', {target: {podName: 'target'}});
  const pod = await waitPod(world, 'balloon', metadata.uid);
  await world.kubelet.accept(pod, place.nodeName);
  await world.kubelet.start(pod);
  await setLevel(world, 'baseline');
  await world.kubelet.end(pod, {exitCode: 137});
  await eventually(
    'the operator to have tried',
    () => operator.writes.filter(({path}) => path.endsWith('/pods')).length > 2 || undefined,
  );
  operator.clock.jump(61_000);
  const probe = await waitComplete(world, place.namespace, 'probe');
  t.regex(probe.status?.message ?? '', /its repair failed: .*violates PodSecurity/);
  await operator.stop();
  await setLevel(world, 'privileged');
});
