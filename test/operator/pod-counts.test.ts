import test from 'ava';
import type {Pod} from '../../src/kube/types.ts';
import {countPods} from '../../src/operator/pod-counts.ts';
import {T0} from './scene.ts';

const aPod = (component: string, status: object): Pod =>
  ({
    metadata: {
      name: component,
      uid: component,
      creationTimestamp: new Date(T0).toISOString(),
      labels: {'app.kubernetes.io/component': component},
    },
    spec: {activeDeadlineSeconds: 630},
    status,
  }) as unknown as Pod;

const RUNNING = {phase: 'Running', startTime: new Date(T0).toISOString()};

test('pods that have not ended are counted by what they are', t => {
  const pods = [
    aPod('balloon', RUNNING),
    aPod('balloon', {phase: 'Pending'}),
    aPod('balloon', {...RUNNING, phase: 'Succeeded'}),
    aPod('repair', RUNNING),
  ];
  t.deepEqual(countPods(pods, T0), {balloons: 2, repairs: 1, overdue: 0});
});

test('a balloon pod is overdue 60 s after its deadline, one that no node took on never', t => {
  const pods = [aPod('balloon', RUNNING), aPod('balloon', {phase: 'Pending'})];
  t.is(countPods(pods, T0 + 659_000).overdue, 0);
  t.is(countPods(pods, T0 + 661_000).overdue, 1);
});
