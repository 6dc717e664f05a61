import type {ExecutionContext} from 'ava';
import type {MemoryProbe, Pod} from '../../src/kube/types.ts';
import {createApiTest} from '../helpers/need-api-server.ts';
import {reclaimableReport} from '../helpers/reports.ts';
import {
  createProbe,
  eventually,
  followPod,
  kstatusFaults,
  listOwnPods,
  type Place,
  type RunningOperator,
  startOperator,
  type World,
  waitComplete,
  waitNothingLeft,
  waitPod,
} from '../helpers/world.ts';

const apiTest = createApiTest();

type Scene = Place & {world: World; operator: RunningOperator; target: Pod; probe: MemoryProbe; pod: Pod};

/** A probe whose balloon pod was made, bound and, if asked for, started. */
const withPod = async (
  world: World,
  isStarted: boolean,
  act: (scene: Scene) => Promise<void>,
): Promise<void> => {
  const place = await world.place();
  const target = await world.kubelet.runTarget({...place, name: 'target'});
  const operator = startOperator(world);
  const probe = await createProbe(world, place.namespace, 'probe', {target: {podName: 'target'}});
  const pod = await waitPod(world, 'balloon', probe.metadata.uid);
  await world.kubelet.accept(pod, place.nodeName);
  if (isStarted) {
    await world.kubelet.start(pod);
    await eventually('the squeeze', async () => {
      const {status} = await world.probes.get({namespace: place.namespace, name: 'probe'});
      return status?.progress?.phase === 'Squeezing' || undefined;
    });
  }
  try {
    await act({...place, world, operator, target, probe, pod});
  } finally {
    await operator.stop();
  }
};

/** It ends as Inconclusive for this reason, in the number of writes that is promised, and nothing is left. */
const assertEnd = async (
  t: ExecutionContext,
  scene: Scene,
  reason: string,
  message: RegExp,
): Promise<void> => {
  const {world, namespace, operator} = scene;
  const {status, ...probe} = await waitComplete(world, namespace, 'probe');
  t.like(status, {verdict: 'Inconclusive', reason, phase: 'Complete'}, status?.message ?? '');
  t.regex(status?.message ?? '', message);
  t.deepEqual(kstatusFaults({status, ...probe} as MemoryProbe), []);
  await waitNothingLeft(world, namespace, 'probe');
  t.true(operator.writes.length <= 12, `${operator.writes.length} writes`);
};

type Refusal = {
  title: string;
  spec: object;
  reason: string;
  message: RegExp;
  target?: object;
  jumps?: boolean;
};

const REFUSALS: Refusal[] = [
  {
    title: 'a target that never comes',
    spec: {target: {podName: 'nobody'}},
    reason: 'TargetNotFound',
    message: /"nobody"/,
    jumps: true,
  },
  {
    title: 'a selector that matches nothing',
    spec: {target: {selector: {matchLabels: {app: 'nobody'}}}},
    reason: 'NoPodMatches',
    message: /app=nobody/,
    jumps: true,
  },
  {
    title: 'a container that the pod does not have',
    spec: {target: {podName: 'target', container: 'sidecar'}},
    reason: 'ContainerNotFound',
    message: /"sidecar".*it has app/,
  },
  {
    title: 'two containers and no word on which',
    spec: {target: {podName: 'target'}},
    target: {containers: ['app', 'proxy']},
    reason: 'ContainerAmbiguous',
    message: /app, proxy.*spec\.target\.container/,
  },
  {
    title: 'a pod in a sandbox of its own',
    spec: {target: {podName: 'target'}},
    target: {runtimeClassName: 'kata'},
    reason: 'TargetNotAllowed',
    message: /kata/,
  },
  {
    title: 'scope Node that no administrator allows',
    spec: {target: {podName: 'target'}, pressure: {scope: 'Node'}},
    reason: 'NotPermitted',
    message: /scope Node.*administrator.*nodeScope\.allowed=true/,
  },
  {
    title: 'a static pod',
    spec: {target: {podName: 'target'}},
    target: {annotations: {'kubernetes.io/config.mirror': 'x'}},
    reason: 'TargetNotAllowed',
    message: /static pod.*allowSystemTargets/,
  },
];

for (const {title, spec, reason, message, target = {}, jumps} of REFUSALS)
  apiTest(`${title} ends as ${reason}, without a balloon pod`, async (t, world) => {
    const place = await world.place();
    if ('runtimeClassName' in target) await createRuntimeClass(world);
    await world.kubelet.runTarget({...place, name: 'target', ...target});
    const operator = startOperator(world);
    await createProbe(world, place.namespace, 'probe', spec);
    if (jumps) {
      await eventually('it to be waited for', async () => {
        const {status} = await world.probes.get({namespace: place.namespace, name: 'probe'});
        return status?.phase === 'Pending' || undefined;
      });
      operator.clock.jump(60_000);
    }
    const {status} = await waitComplete(world, place.namespace, 'probe');
    t.like(status, {verdict: 'Inconclusive', reason});
    t.regex(status?.message ?? '', message);
    await operator.stop();
    t.deepEqual(
      operator.writes.filter(({path}) => path.endsWith('/pods')),
      [],
    );
  });

const createRuntimeClass = (world: World) =>
  world.rest.call({
    method: 'POST',
    path: '/apis/node.k8s.io/v1/runtimeclasses',
    body: {metadata: {name: 'kata'}, handler: 'kata'},
  });

apiTest('a target that comes later than its probe is waited for', async (t, world) => {
  const place = await world.place();
  const operator = startOperator(world);
  const {metadata} = await createProbe(world, place.namespace, 'probe', {
    target: {selector: {matchLabels: {app: 'late'}}},
  });
  await eventually(
    'the first touch',
    async () => (await world.probes.get({...place, name: 'probe'})).status?.phase,
  );
  const target = await world.kubelet.runTarget({...place, name: 'late-1', labels: {app: 'late'}});
  const pod = await waitPod(world, 'balloon', metadata.uid);
  await world.kubelet.end(pod, {exitCode: 0, report: reclaimableReport(target)});
  t.like((await waitComplete(world, place.namespace, 'probe')).status, {
    verdict: 'Reclaimable',
    target: {podName: 'late-1'},
  });
  await operator.stop();
});

apiTest('an image that cannot be pulled ends as BalloonImage after a second try', (t, world) =>
  withPod(world, false, async scene => {
    await world.kubelet.waitImage(scene.pod, 'ErrImagePull');
    await new Promise(resolve => setTimeout(resolve, 300));
    t.not((await world.probes.get({...scene, name: 'probe'})).status?.phase, 'Complete');
    scene.operator.clock.jump(11_000);
    await assertEndOfUnstarted(t, scene, 'BalloonImage', /ErrImagePull/);
  }),
);

apiTest('an image name that is none ends as BalloonImage at once', (t, world) =>
  withPod(world, false, async scene => {
    await world.kubelet.waitImage(scene.pod, 'InvalidImageName');
    await assertEndOfUnstarted(t, scene, 'BalloonImage', /InvalidImageName/);
  }),
);

/** A pod bound to a node goes when the kubelet says so. */
const assertEndOfUnstarted = async (
  t: ExecutionContext,
  scene: Scene,
  reason: string,
  message: RegExp,
): Promise<void> => {
  await waitDeletion(scene);
  await scene.world.kubelet.remove(scene.pod);
  await assertEnd(t, scene, reason, message);
};

const waitDeletion = ({world, pod}: Scene): Promise<true> =>
  eventually('the pod to be deleted', async () =>
    (await listOwnPods(world, 'balloon')).some(
      ({metadata}) => metadata.uid === pod.metadata.uid && metadata.deletionTimestamp === undefined,
    )
      ? undefined
      : true,
  );

apiTest('a pod that finds no place ends as BalloonUnschedulable', async (t, world) => {
  const place = await world.place();
  const target = await world.kubelet.runTarget({...place, name: 'target'});
  const operator = startOperator(world);
  const probe = await createProbe(world, place.namespace, 'probe', {target: {podName: 'target'}});
  const pod = await waitPod(world, 'balloon', probe.metadata.uid);
  await world.kubelet.unschedulable(pod, '0/2 nodes are available: 1 Insufficient cpu.');
  await new Promise(resolve => setTimeout(resolve, 300));
  operator.clock.jump(61_000);
  await assertEnd(
    t,
    {...place, world, operator, target, probe, pod},
    'BalloonUnschedulable',
    /Insufficient cpu/,
  );
  await operator.stop();
});

apiTest(
  'a balloon pod that dies without a report is followed by a repair pod, then by ReportMissing',
  (t, world) =>
    withPod(world, true, async scene => {
      await world.kubelet.end(scene.pod, {exitCode: 137});
      const repair = await waitPod(world, 'repair', scene.probe.metadata.uid);
      t.deepEqual(repair.spec?.containers[0]?.args, ['repair']);
      t.false(
        (await world.probes.get({...scene, name: 'probe'})).status?.phase === 'Complete',
        'no verdict before the repair',
      );
      await world.kubelet.accept(repair, scene.nodeName);
      await world.kubelet.end(repair, {exitCode: 0});
      await assertEnd(t, scene, 'ReportMissing', /signal 9/);
    }),
);

apiTest('a repair that fails is told', (t, world) =>
  withPod(world, true, async scene => {
    await world.kubelet.end(scene.pod, {exitCode: 137});
    const repair = await waitPod(world, 'repair', scene.probe.metadata.uid);
    await world.kubelet.end(repair, {exitCode: 1});
    await assertEnd(t, scene, 'ReportMissing', /check the pod's memory limit.*exit code 1/);
  }),
);

apiTest('a report that says that not all was put back keeps its verdict, after a repair', (t, world) =>
  withPod(world, true, async scene => {
    await world.kubelet.end(scene.pod, {
      exitCode: 0,
      report: reclaimableReport(scene.target, {restored: false}),
    });
    await world.kubelet.end(await waitPod(world, 'repair', scene.probe.metadata.uid), {exitCode: 0});
    t.is((await waitComplete(world, scene.namespace, 'probe')).status?.verdict, 'Reclaimable');
    await waitNothingLeft(world, scene.namespace, 'probe');
  }),
);

apiTest('a pod that vanishes in the middle is repaired and ends as ReportMissing', (t, world) =>
  withPod(world, true, async scene => {
    await world.kubelet.remove(scene.pod);
    await world.kubelet.end(await waitPod(world, 'repair', scene.probe.metadata.uid), {exitCode: 0});
    await assertEnd(t, scene, 'ReportMissing', /deleted/);
  }),
);

apiTest('a report about another container is not believed', (t, world) =>
  withPod(world, true, async scene => {
    const report = reclaimableReport(scene.target, {containerID: 'containerd://another'});
    await world.kubelet.end(scene.pod, {exitCode: 0, report});
    await assertEnd(t, scene, 'ReportMissing', /./);
  }),
);

apiTest('a target that is deleted in the middle ends as TargetGone, its balloon pod at once', (t, world) =>
  withPod(world, true, async scene => {
    await world.kubelet.remove(scene.target);
    await waitDeletion(scene);
    const report = reclaimableReport(scene.target, {
      failure: {reason: 'BalloonFailed', message: 'told to end'},
    });
    await world.kubelet.end(scene.pod, {exitCode: 0, report});
    await assertEnd(t, scene, 'TargetGone', /target/);
  }),
);

apiTest(
  'a target that is restarted in the middle ends as TargetChanged, its balloon pod at once',
  (t, world) =>
    withPod(world, true, async scene => {
      await world.kubelet.setContainer(scene.target, 'Running', {
        running: {startedAt: new Date().toISOString()},
      });
      await waitDeletion(scene);
      await world.kubelet.end(scene.pod, {
        exitCode: 0,
        report: reclaimableReport(scene.target, {failure: {reason: 'BalloonFailed', message: 'told to end'}}),
      });
      await assertEnd(t, scene, 'TargetChanged', /restarted/);
    }),
);

apiTest('a target that is restarted after the squeeze does not take the verdict away', (t, world) =>
  withPod(world, true, async scene => {
    await scene.operator.stop();
    await world.kubelet.end(scene.pod, {exitCode: 0, report: reclaimableReport(scene.target)});
    await world.kubelet.remove(scene.target);
    const next = startOperator(world);
    t.is((await waitComplete(world, scene.namespace, 'probe')).status?.verdict, 'Reclaimable');
    await next.stop();
  }),
);

apiTest('a probe that is deleted in the middle lets go at once and leaves no finalizer', (t, world) =>
  withPod(world, true, async scene => {
    await world.probes.delete({...scene, name: 'probe'}, {uid: scene.probe.metadata.uid});
    await waitDeletion(scene);
    t.truthy(await world.probes.get({...scene, name: 'probe'}), 'kept while the pod may exist');
    const report = reclaimableReport(scene.target, {
      failure: {reason: 'BalloonFailed', message: 'told to end'},
    });
    await world.kubelet.end(scene.pod, {exitCode: 0, report});
    await waitNothingLeft(world, scene.namespace, 'probe');
    await t.throwsAsync(world.probes.get({...scene, name: 'probe'}), {message: /404/});
  }),
);

apiTest('a probe that is deleted while its agent dies is repaired before it goes', (t, world) =>
  withPod(world, true, async scene => {
    await world.probes.delete({...scene, name: 'probe'}, {uid: scene.probe.metadata.uid});
    await waitDeletion(scene);
    await world.kubelet.end(scene.pod, {exitCode: 137});
    await world.kubelet.end(await waitPod(world, 'repair', scene.probe.metadata.uid), {exitCode: 0});
    await waitNothingLeft(world, scene.namespace, 'probe');
    t.pass();
  }),
);

apiTest('a node that is gone takes neither the end nor the finalizer with it', (t, world) =>
  withPod(world, true, async scene => {
    await world.kubelet.removeNode(scene.nodeName);
    scene.operator.clock.jump(20_000);
    await assertEnd(t, scene, 'ReportMissing', new RegExp(scene.nodeName));
  }),
);

apiTest('a node that is not heard of any more is given up after a while', (t, world) =>
  withPod(world, true, async scene => {
    await world.kubelet.setNode(scene.nodeName, 'Unknown');
    scene.operator.clock.jump(20_000);
    await new Promise(resolve => setTimeout(resolve, 200));
    t.not((await world.probes.get({...scene, name: 'probe'})).status?.phase, 'Complete');
    scene.operator.clock.jump(20_000);
    await assertEnd(t, scene, 'ReportMissing', /not heard of/);
  }),
);

apiTest('a deleted probe on a dead node is not held back', (t, world) =>
  withPod(world, true, async scene => {
    await world.kubelet.removeNode(scene.nodeName);
    await world.probes.delete({...scene, name: 'probe'}, {uid: scene.probe.metadata.uid});
    await waitNothingLeft(world, scene.namespace, 'probe');
    t.pass();
  }),
);

apiTest('an agent that never ends is ended when its time is over', (t, world) =>
  withPod(world, true, async scene => {
    const repair = await followPod(world, 'repair', scene.probe.metadata.uid);
    scene.operator.clock.jump(660_000);
    // The kubelet does nothing, so every patience of the operator has to run out: its clock runs 150 times as fast.
    const running = setInterval(() => scene.operator.clock.jump(30_000), 200);
    try {
      await waitDeletion(scene);
      await repair.seen();
      await assertEnd(t, scene, 'DeadlineExceeded', /600 s.*deadlineSeconds/);
    } finally {
      clearInterval(running);
      await repair.stop();
    }
  }),
);

apiTest('a pod whose probe is gone is swept away', async (t, world) => {
  const place = await world.place();
  await world.kubelet.runTarget({...place, name: 'target'});
  const first = startOperator(world);
  const probe = await createProbe(world, place.namespace, 'probe', {target: {podName: 'target'}});
  const pod = await waitPod(world, 'balloon', probe.metadata.uid);
  await first.stop();
  await world.probes.merge({...place, name: 'probe'}, {metadata: {finalizers: null}});
  await world.probes.delete({...place, name: 'probe'}, {uid: probe.metadata.uid});
  const second = startOperator(world);
  await eventually('the pod to be gone', async () =>
    (await listOwnPods(world)).some(({metadata}) => metadata.uid === pod.metadata.uid) ? undefined : true,
  );
  await second.stop();
  t.pass();
});
