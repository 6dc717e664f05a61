import test from 'ava';
import {inNamespace, NODE_KINDS, type NodeKind} from '../helpers/cluster.ts';
import {checkKstatus} from '../helpers/kstatus.ts';
import {assertNothingLeft, readBoundary} from '../helpers/node-state.ts';
import {getPod, type Probe, runProbe, runWorkload} from '../helpers/probe.ts';

const MIB = 1024 * 1024;

type Scenario = {
  title: string;
  args: string[];
  criteria: object;
  verdict: string;
  reason: string;
  check?: (t: import('ava').ExecutionContext, probe: Probe) => void;
};

const SCENARIOS: Scenario[] = [
  {
    title: 'a program that freed 300 MiB with MADV_FREE is Reclaimable',
    args: ['lazily-freed', '--freed=300Mi', '--held=46Mi'],
    criteria: {idleSeconds: 0},
    verdict: 'Reclaimable',
    reason: 'ReclaimedUnderPressure',
  },
  {
    title: 'a program that holds 300 MiB where 100 were expected is a Leak',
    args: ['held-idle', '--held=300Mi'],
    criteria: {expectedSize: '100Mi'},
    verdict: 'Leak',
    reason: 'AboveExpected',
  },
  {
    title: 'a program that holds 300 MiB and never touches them is HeldIdle',
    args: ['held-idle', '--held=300Mi'],
    criteria: {idleSeconds: 3},
    verdict: 'Held',
    reason: 'HeldIdle',
  },
  {
    title: 'a program that keeps using 300 MiB is HeldInUse',
    // A guest's page faults are slow: it needs a few seconds to touch all.
    args: ['held-used', '--held=300Mi'],
    criteria: {idleSeconds: 10},
    verdict: 'Held',
    reason: 'HeldInUse',
  },
];

const runScenario = test.macro({
  title: (_, node: NodeKind, {title}: Scenario) => `${title} (${node} node)`,
  exec: (t, node: NodeKind, scenario: Scenario) =>
    inNamespace('verdicts', async namespace => {
      const pod = await runWorkload({namespace, name: 'target', node, args: scenario.args});
      const before = await readBoundary(node, pod.metadata.uid);
      const probe = await runProbe(namespace, 'probe', {
        target: {podName: 'target'},
        criteria: scenario.criteria,
      });
      t.like(
        probe.status,
        {verdict: scenario.verdict, reason: scenario.reason, phase: 'Complete'},
        probe.status?.message ?? '',
      );
      t.deepEqual(
        checkKstatus(
          probe.status?.conditions ?? [],
          probe.status?.observedGeneration,
          probe.metadata.generation ?? 0,
        ),
        [],
      );
      t.deepEqual(
        await readBoundary(node, pod.metadata.uid),
        before,
        'limits and kill counters are as before',
      );
      const after = await getPod(namespace, 'target');
      t.deepEqual(
        after.status.containerStatuses,
        pod.status.containerStatuses,
        'the target was not restarted',
      );
      await assertNothingLeft(t, node);
    }),
});

for (const node of NODE_KINDS) for (const scenario of SCENARIOS) test(runScenario, node, scenario);

const proveAmount = test.macro({
  title: (_, node: NodeKind, freedMib: number, limit?: string) =>
    `${freedMib} MiB lazily freed are predicted and taken back within 1 MiB (${node} node, ${limit ? `limit ${limit}` : 'no limit'})`,
  exec: (t, node: NodeKind, freedMib: number, limit?: string) =>
    inNamespace('amounts', async namespace => {
      const pod = await runWorkload({
        namespace,
        name: 'target',
        node,
        args: ['lazily-freed', `--freed=${freedMib}Mi`, '--held=20Mi'],
        ...(limit && {memoryLimit: limit}),
      });
      const before = await readBoundary(node, pod.metadata.uid);
      const probe = await runProbe(namespace, 'probe', {
        target: {podName: 'target'},
        criteria: {idleSeconds: 0},
      });
      const {lazyFreeBytes, reclaimedBytes} = probe.status?.evidence ?? {};
      const isNear = (bytes?: number): boolean =>
        bytes !== undefined && Math.abs(bytes - freedMib * MIB) <= MIB;
      t.is(probe.status?.verdict, 'Reclaimable', probe.status?.message ?? '');
      t.true(isNear(lazyFreeBytes?.min), `min ${lazyFreeBytes?.min}`);
      t.true(isNear(lazyFreeBytes?.max), `max ${lazyFreeBytes?.max}`);
      t.true(isNear(reclaimedBytes), `reclaimed ${reclaimedBytes}`);
      t.deepEqual(
        await readBoundary(node, pod.metadata.uid),
        before,
        'limits and kill counters are as before',
      );
      t.is((await getPod(namespace, 'target')).status.containerStatuses?.[0]?.restartCount, 0);
      await assertNothingLeft(t, node);
    }),
});

for (const freedMib of [50, 300, 1000]) test(proveAmount, 'native', freedMib);
for (const freedMib of [50, 300]) test(proveAmount, 'guest', freedMib);
test(proveAmount, 'native', 300, '512Mi');
test(proveAmount, 'guest', 300, '512Mi');
