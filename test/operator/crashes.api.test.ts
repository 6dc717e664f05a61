import type {MemoryProbe} from '../../src/kube/types.ts';
import {createApiTest} from '../helpers/need-api-server.ts';
import {playNodes} from '../helpers/node-player.ts';
import {
  createProbe,
  eventually,
  kstatusFaults,
  type Place,
  type RunningOperator,
  startOperator,
  type World,
  waitComplete,
  waitNothingLeft,
} from '../helpers/world.ts';

const apiTest = createApiTest();

/** What must be equal whatever happened on the way: all but times and versions. */
const essence = ({status}: MemoryProbe) => ({
  verdict: status?.verdict,
  reason: status?.reason,
  message: status?.message,
  evidence: status?.evidence,
  summary: status?.summary,
  phase: status?.phase,
  conditions: status?.conditions?.map(({type, status: value, reason}) => `${type}=${value} ${reason}`),
});

/** One probe from its creation to its end, with the operators that `drive` starts. */
const runOnce = async (world: World, drive: (place: Place) => Promise<RunningOperator[]>) => {
  const place = await world.place();
  const target = await world.kubelet.runTarget({...place, name: 'target'});
  const node = playNodes(world, new Map([[place.nodeName, target]]));
  await createProbe(world, place.namespace, 'probe', {target: {podName: 'target'}});
  const operators = await drive(place);
  const probe = await waitComplete(world, place.namespace, 'probe');
  await waitNothingLeft(world, place.namespace, 'probe');
  for (const operator of operators) await operator.stop();
  await node.stop();
  return {
    probe,
    pods: node.podsSeen.size,
    writes: operators.reduce((sum, {writes}) => sum + writes.length, 0),
  };
};

const WRITES = 8;

apiTest('killed after any of its writes, the next operator brings it to the same end', async (t, world) => {
  const whole = await runOnce(world, async () => [startOperator(world)]);
  t.is(whole.probe.status?.verdict, 'Reclaimable');
  for (let after = 1; after <= WRITES; after += 1) {
    const cut = await runOnce(world, async ({namespace}) => {
      const first = startOperator(world, {dieAfterWrites: after});
      await eventually('the kill', async () => {
        const probe = await world.probes.get({namespace, name: 'probe'});
        const isOver = probe.status?.phase === 'Complete' && (probe.metadata.finalizers ?? []).length === 0;
        return first.writes.length >= after || isOver || undefined;
      });
      await first.kill();
      return [first, startOperator(world)];
    });
    t.deepEqual(essence(cut.probe), essence(whole.probe), `killed after write ${after}`);
    t.deepEqual(kstatusFaults(cut.probe), []);
    t.is(cut.pods, 1, `one balloon pod in all, killed after write ${after}`);
    t.true(cut.writes <= 12, `${cut.writes} writes, killed after write ${after}`);
  }
});

apiTest('two operators at once make one balloon pod and one verdict', async (t, world) => {
  for (let run = 0; run < 5; run += 1) {
    const {probe, pods} = await runOnce(world, async () => [startOperator(world), startOperator(world)]);
    t.is(probe.status?.verdict, 'Reclaimable');
    t.is(pods, 1);
  }
});

apiTest('the verdict is written once and never changes', async (t, world) => {
  const {probe} = await runOnce(world, async () => [startOperator(world)]);
  const {namespace} = probe.metadata;
  const again = startOperator(world);
  await again.synced();
  await world.probes.merge({namespace, name: 'probe'}, {metadata: {annotations: {touched: 'true'}}});
  await new Promise(resolve => setTimeout(resolve, 300));
  await again.stop();
  t.deepEqual((await world.probes.get({namespace, name: 'probe'})).status, probe.status);
  t.deepEqual(again.writes, []);
});
