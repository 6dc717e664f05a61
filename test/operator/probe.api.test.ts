import {FINALIZER, SETTINGS_VARIABLE} from '../../src/api/names.ts';
import {createApiTest} from '../helpers/need-api-server.ts';
import {reclaimableReport} from '../helpers/reports.ts';
import {
  createProbe,
  eventually,
  kstatusFaults,
  startOperator,
  waitComplete,
  waitNothingLeft,
  waitPod,
} from '../helpers/world.ts';

const apiTest = createApiTest();

apiTest(
  'a probe gets its verdict, with evidence, in at most 12 writes, and leaves nothing',
  async (t, world) => {
    const {kubelet} = world;
    const {namespace, nodeName} = await world.place();
    const target = await kubelet.runTarget({namespace, name: 'target', nodeName});
    const operator = startOperator(world);
    const created = await createProbe(world, namespace, 'probe', {target: {podName: 'target'}});
    const pod = await waitPod(world, 'balloon', created.metadata.uid);
    const touched = await world.probes.get({namespace, name: 'probe'});
    t.deepEqual(touched.metadata.finalizers, [FINALIZER]);
    t.is(touched.status?.phase, 'Running');
    t.deepEqual(kstatusFaults(touched), []);

    await kubelet.accept(pod, nodeName);
    await kubelet.start(pod);
    await eventually('the probe to squeeze', async () => {
      const {status} = await world.probes.get({namespace, name: 'probe'});
      return status?.progress?.phase === 'Squeezing' || undefined;
    });
    await kubelet.end(pod, {exitCode: 0, report: reclaimableReport(target)});
    const probe = await waitComplete(world, namespace, 'probe');
    t.deepEqual(kstatusFaults(probe), []);
    t.like(probe.status, {
      verdict: 'Reclaimable',
      phase: 'Complete',
      summary: {baseline: '346Mi', floor: '46Mi'},
      target: {podName: 'target', podUID: target.metadata.uid, container: 'app', nodeName},
    });
    t.is(probe.status?.evidence?.reclaimedBytes, 300 * 1024 * 1024);
    await waitNothingLeft(world, namespace, 'probe');
    await operator.stop();
    t.true(operator.writes.length <= 12, `${operator.writes.length} writes`);
    t.log(
      `${operator.writes.length} writes: ${operator.writes.map(({method, path}) => `${method} ${path}`).join('\n')}`,
    );
  },
);

apiTest('scope Node gets its balloon pod where an administrator allows it', async (t, world) => {
  const {namespace, nodeName} = await world.place();
  const target = await world.kubelet.runTarget({namespace, name: 'target', nodeName});
  const operator = startOperator(world, {config: {nodeScopeAllowed: true}});
  const annotations = {
    'memoryprobe.dev/requested-by': 'admin',
    'memoryprobe.dev/requested-by-groups': 'system:masters',
  };
  const {metadata} = await world.probes.create(namespace, {
    apiVersion: 'memoryprobe.dev/v1alpha1',
    kind: 'MemoryProbe',
    metadata: {name: 'probe', annotations},
    spec: {target: {podName: 'target'}, pressure: {scope: 'Node'}},
  });
  const pod = await waitPod(world, 'balloon', metadata.uid);
  const [agent] = pod.spec?.containers ?? [];
  const settings = JSON.parse(agent?.env?.find(({name}) => name === SETTINGS_VARIABLE)?.value ?? '{}');
  t.like(settings.pressure, {scope: 'Node', method: 'Balloon'});
  t.deepEqual(
    agent?.resources,
    {requests: {cpu: '100m'}},
    'no memory is set aside for it, and none is limited',
  );
  await world.kubelet.accept(pod, nodeName);
  await world.kubelet.start(pod);
  await world.kubelet.end(pod, {exitCode: 0, report: reclaimableReport(target)});
  t.is((await waitComplete(world, namespace, 'probe')).status?.verdict, 'Reclaimable');
  await waitNothingLeft(world, namespace, 'probe');
  await operator.stop();
});

apiTest('at rest nothing is written', async (t, world) => {
  const {namespace, nodeName} = await world.place();
  const target = await world.kubelet.runTarget({namespace, name: 'target', nodeName});
  const first = startOperator(world);
  const {metadata} = await createProbe(world, namespace, 'probe', {target: {podName: 'target'}});
  const pod = await waitPod(world, 'balloon', metadata.uid);
  await world.kubelet.end(pod, {exitCode: 0, report: reclaimableReport(target)});
  await waitNothingLeft(world, namespace, 'probe');
  await first.stop();
  const before = (await world.probes.get({namespace, name: 'probe'})).metadata.resourceVersion;
  const second = startOperator(world);
  await second.synced();
  // Ten minutes, in steps that let every timer and sweep of that time come.
  for (let minute = 0; minute < 10; minute += 1) {
    second.clock.jump(60_000);
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  await second.stop();
  t.deepEqual(second.writes, []);
  t.is((await world.probes.get({namespace, name: 'probe'})).metadata.resourceVersion, before);
});

apiTest('from the probe to its balloon pod it takes less than 150 ms', async (t, world) => {
  const operator = startOperator(world);
  const times: number[] = [];
  for (let run = 0; run < 9; run += 1) {
    const {namespace, nodeName} = await world.place();
    await world.kubelet.runTarget({namespace, name: 'target', nodeName});
    const startMs = performance.now();
    await createProbe(world, namespace, 'probe', {target: {podName: 'target'}});
    await eventually(
      'the pod',
      () => operator.writes.filter(({path}) => path.endsWith('/pods')).length > run || undefined,
    );
    times.push(performance.now() - startMs);
  }
  await operator.stop();
  const median = times.sort((a, b) => a - b)[4] ?? Number.NaN;
  t.log(`median ${median.toFixed(0)} ms, all ${times.map(time => time.toFixed(0)).join(' ')}`);
  t.true(median < 150, `${median} ms`);
});

apiTest('the balloon pod is what the node needs and no more', async (t, world) => {
  const {namespace, nodeName} = await world.place();
  await world.kubelet.runTarget({namespace, name: 'target', nodeName});
  const operator = startOperator(world);
  const {metadata} = await createProbe(world, namespace, 'probe', {
    target: {podName: 'target'},
    criteria: {expectedSize: '1.5Gi'},
    guards: {deadlineSeconds: 60},
  });
  const {spec} = await waitPod(world, 'balloon', metadata.uid);
  await operator.stop();
  t.is(spec?.activeDeadlineSeconds, 90);
  t.true(spec?.tolerations?.some(({key}) => key === 'dedicated'));
  const settings = JSON.parse(spec?.containers[0]?.env?.[0]?.value ?? '');
  t.like(settings, {
    version: 1,
    probe: {namespace, name: 'probe', uid: metadata.uid},
    criteria: {expectedBytes: 1.5 * 1024 ** 3},
    nodeReservedBytes: 1024 ** 3,
  });
});

apiTest(
  'two probes on one node take turns, oldest first, and each says for whom it waits',
  async (t, world) => {
    const {kubelet} = world;
    const {namespace, nodeName} = await world.place();
    const target = await kubelet.runTarget({namespace, name: 'target', nodeName});
    const operator = startOperator(world);
    const names = ['first', 'second', 'third'];
    const uids: string[] = [];
    for (const name of names) {
      const probe = await createProbe(world, namespace, name, {target: {podName: 'target'}});
      uids.push(probe.metadata.uid);
      await eventually(
        'the first touch',
        async () => (await world.probes.get({namespace, name})).status?.phase,
      );
      // Creation times are whole seconds: the order must not hang on a tie.
      await new Promise(resolve => setTimeout(resolve, 1000));
    }
    const reasonOf = async (name: string) => {
      const {status} = await world.probes.get({namespace, name});
      const condition = status?.conditions?.find(({type}) => type === 'Reconciling');
      return {phase: status?.phase, reason: condition?.reason, message: condition?.message ?? ''};
    };
    const second = await eventually('the second to wait', async () => {
      const seen = await reasonOf('second');
      return seen.reason === 'NodeBusy' ? seen : undefined;
    });
    t.is(second.phase, 'Waiting');
    t.regex(second.message, new RegExp(`${namespace}/first`));
    t.regex((await reasonOf('third')).message, new RegExp(`${namespace}/second`));
    for (const [index, name] of names.entries()) {
      const pod = await waitPod(world, 'balloon', uids[index] ?? '');
      await kubelet.end(pod, {exitCode: 0, report: reclaimableReport(target)});
      t.is((await waitComplete(world, namespace, name)).status?.verdict, 'Reclaimable');
    }
    await waitNothingLeft(world, namespace, 'third');
    await operator.stop();
    t.true(operator.writes.length <= 36, `${operator.writes.length} writes for three probes`);
  },
);

apiTest('a probe is deleted when its time after the end is over', async (t, world) => {
  const {namespace, nodeName} = await world.place();
  const target = await world.kubelet.runTarget({namespace, name: 'target', nodeName});
  const operator = startOperator(world);
  const spec = {target: {podName: 'target'}, ttlSecondsAfterFinished: 3600};
  const {metadata} = await createProbe(world, namespace, 'probe', spec);
  await world.kubelet.end(await waitPod(world, 'balloon', metadata.uid), {
    exitCode: 0,
    report: reclaimableReport(target),
  });
  await waitNothingLeft(world, namespace, 'probe');
  t.truthy(await world.probes.get({namespace, name: 'probe'}));
  operator.clock.jump(3_601_000);
  await eventually('the probe to be gone', async () =>
    world.probes.get({namespace, name: 'probe'}).then(
      () => undefined,
      () => true,
    ),
  );
  await operator.stop();
  t.pass();
});
