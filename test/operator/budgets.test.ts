import test from 'ava';
import type {Pod} from '../../src/kube/types.ts';
import {Budgets} from '../../src/operator/budgets.ts';
import {OwnPods} from '../../src/operator/own-pods.ts';
import {aProbe} from './scene.ts';

const podOf = (namespace: string, uid: string, component = 'balloon'): Pod =>
  ({
    metadata: {
      name: `${component}-${uid}`,
      labels: {'memoryprobe.dev/probe-uid': uid, 'app.kubernetes.io/component': component},
      annotations: {'memoryprobe.dev/probe': `${namespace}/${uid}`},
    },
  }) as unknown as Pod;
const probeOf = (namespace: string, uid: string) => aProbe({metadata: {namespace, name: uid, uid}});

const withPods = (pods: Pod[], limits: {cluster: number; namespace: number}) => {
  const ownPods = new OwnPods();
  ownPods.attach({all: pods} as never);
  let freed = 0;
  const budgets = new Budgets(limits, ownPods, () => {
    freed += 1;
  });
  return {budgets, freed: () => freed};
};

test('pods count for their namespace and for the cluster', t => {
  const pods = [podOf('shop', 'a'), podOf('shop', 'b'), podOf('bank', 'c')];
  const {budgets} = withPods(pods, {cluster: 4, namespace: 2});
  t.deepEqual(budgets.claim(probeOf('shop', 'new')), {of: 'namespace', limit: 2});
  t.is(budgets.claim(probeOf('bank', 'd')), undefined);
  t.deepEqual(budgets.claim(probeOf('farm', 'e')), {of: 'cluster', limit: 4});
});

test('two runs at the same time do not both take the last place', t => {
  const {budgets} = withPods([], {cluster: 1, namespace: 1});
  t.is(budgets.claim(probeOf('shop', 'a')), undefined);
  t.deepEqual(budgets.claim(probeOf('bank', 'b')), {of: 'cluster', limit: 1});
});

test('a probe with a balloon and a repair pod has one place, and does not stand in its own way', t => {
  const pods = [podOf('shop', 'a'), podOf('shop', 'a', 'repair')];
  t.is(withPods(pods, {cluster: 1, namespace: 1}).budgets.claim(probeOf('shop', 'a')), undefined);
  t.is(withPods(pods, {cluster: 2, namespace: 2}).budgets.claim(probeOf('shop', 'b')), undefined);
});

test('a place that was claimed for nothing is given back and told of; one that became a pod is not free', t => {
  const pods: Pod[] = [];
  const {budgets, freed} = withPods(pods, {cluster: 1, namespace: 1});
  budgets.claim(probeOf('shop', 'a'));
  budgets.release('a');
  t.is(freed(), 1);
  t.is(budgets.claim(probeOf('shop', 'b')), undefined);
  pods.push(podOf('shop', 'b'));
  budgets.release('b');
  t.is(freed(), 1);
  t.deepEqual(budgets.claim(probeOf('shop', 'c')), {of: 'cluster', limit: 1});
});
