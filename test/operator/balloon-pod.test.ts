import test from 'ava';
import {decodeSpec} from '../../src/api/decode.ts';
import {buildPod, podNameOf} from '../../src/operator/balloon-pod.ts';
import {settingsOf} from '../../src/operator/repair.ts';
import {CONFIG} from '../helpers/world.ts';
import {IDENTITY, someFacts} from './scene.ts';

type Manifest = {spec: {containers: [{securityContext: object; volumeMounts: object[]}]}};

const order = {
  component: 'balloon' as const,
  settings: settingsOf(someFacts(), decodeSpec({target: {podName: 'target'}}), IDENTITY),
  tolerations: [{key: 'dedicated', operator: 'Exists'}],
  activeDeadlineSeconds: 630,
};

test('the balloon pod, as the API server gets it', t => t.snapshot(buildPod(order, CONFIG)));

test('one name for each node, whatever the node is called', t => {
  const names = ['n1', 'n2', 'ip-10-0-0-1.eu-west-1.compute.internal', 'x'.repeat(253)].map(name =>
    podNameOf('balloon', name),
  );
  t.is(new Set(names).size, names.length);
  for (const name of names) t.regex(name, /^balloon-[0-9a-f]{12}$/);
});

for (const method of ['Reclaim', 'Observe'] as const)
  test(`the pod of method ${method} is not privileged`, t => {
    const {settings} = order;
    const pressure = {...settings.pressure, method};
    const pod = buildPod({...order, settings: {...settings, pressure}}, CONFIG) as unknown as Manifest;
    const [{securityContext, volumeMounts}] = pod.spec.containers;
    t.like(securityContext, {privileged: false, allowPrivilegeEscalation: false});
    t.deepEqual(volumeMounts, [
      {name: 'cgroup', mountPath: '/sys/fs/cgroup', readOnly: method === 'Observe'},
    ]);
  });
