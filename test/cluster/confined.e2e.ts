import test from 'ava';
import {inNamespace, NODE_KINDS} from '../helpers/cluster.ts';
import {assertNothingLeft, readBoundary} from '../helpers/node-state.ts';
import {runProbe, runWorkload} from '../helpers/probe.ts';

const MIB = 1024 * 1024;
const ARGS = ['lazily-freed', '--freed=60Mi', '--held=30Mi'];

/** What runs without a privileged container has to do its work under a real kubelet, runtime and seccomp profile. */
const ROWS = [
  {method: 'Observe', verdict: 'Inconclusive', reason: 'ObservedOnly'},
  {method: 'Reclaim', verdict: 'Reclaimable', reason: 'ReclaimedUnderPressure'},
];

for (const node of NODE_KINDS)
  for (const {method, verdict, reason} of ROWS)
    test(`method ${method} needs no privileged pod (${node} node)`, t =>
      inNamespace('confined', async namespace => {
        const pod = await runWorkload({namespace, name: 'target', node, args: ARGS});
        const before = await readBoundary(node, pod.metadata.uid);
        const {status} = await runProbe(namespace, 'probe', {
          target: {podName: 'target'},
          pressure: {method},
          criteria: {idleSeconds: 0},
        });
        t.like(status, {verdict, reason}, status?.message ?? '');
        t.true((status?.evidence?.lazyFreeBytes?.min ?? 0) >= 55 * MIB, JSON.stringify(status?.evidence));
        t.deepEqual(await readBoundary(node, pod.metadata.uid), before);
        await assertNothingLeft(t, node);
      }));
