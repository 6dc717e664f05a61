import test from 'ava';
import {createAccess} from '../../src/kube/access.ts';
import {createRest} from '../../src/kube/rest.ts';
import {followBalloons} from '../helpers/balloon-ledger.ts';
import {inNamespace, KUBECONFIG, kubectl, type NodeKind, OPERATOR_NAMESPACE} from '../helpers/cluster.ts';
import {assertNothingLeft} from '../helpers/node-state.ts';
import {waitComplete} from '../helpers/probe.ts';
import {killDuringProbe, startSlowProbe} from './failover.ts';
import {awaitPair, type Kill} from './kill-leader.ts';

const access = createAccess({kubeconfig: KUBECONFIG});
const ledger = followBalloons(createRest({access, userAgent: 'test'}), OPERATOR_NAMESPACE);
test.after.always(async () => {
  await ledger.stop();
  await access.close();
});

const killInTheMiddle = test.macro({
  title: (_, node: NodeKind, {ofPod}: Kill) =>
    `kill -9 of the leader${ofPod ? ' and the loss of its pod' : ''} during a probe (${node} node)`,
  exec: (t, node: NodeKind, kill: Kill) =>
    inNamespace('failover', async namespace => {
      const end = await killDuringProbe(namespace, node, kill, ledger);
      t.log(`another process led after ${(end.takenOverMilliseconds / 1000).toFixed(1)} s`);
      t.is(end.verdict, 'Reclaimable', end.message);
      t.is(end.balloons, 1);
      t.deepEqual(ledger.overlaps(), []);
      await assertNothingLeft(t, node);
    }),
});
test(killInTheMiddle, 'native', {afterMilliseconds: 3000, ofPod: true});
test(killInTheMiddle, 'guest', {afterMilliseconds: 1500, ofPod: false});

test('a rolling upgrade in the middle of a probe', t =>
  inNamespace('upgrade', async namespace => {
    await awaitPair();
    await startSlowProbe(namespace, 'native');
    await kubectl(['-n', OPERATOR_NAMESPACE, 'rollout', 'restart', 'deployment', 'memoryprobe']);
    const {metadata, status} = await waitComplete(namespace, 'probe', 90);
    t.is(status?.verdict, 'Reclaimable', status?.message);
    t.is(ledger.podsOf(metadata.uid).length, 1);
    await awaitPair();
    t.deepEqual(ledger.overlaps(), []);
    await assertNothingLeft(t, 'native');
  }));
