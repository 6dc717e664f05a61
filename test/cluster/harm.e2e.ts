import test from 'ava';
import {inNamespace, kubectl, NODE_KINDS} from '../helpers/cluster.ts';
import {assertNothingLeft, readBoundary} from '../helpers/node-state.ts';
import {runProbe, runWorkload} from '../helpers/probe.ts';

const PROMISED_MILLISECONDS = 100;

/** The workload prints once a second: `latency touches=N largest-gap-ms=G recent-gap-ms=R` (R since the line before). */
const readLargestGap = async (namespace: string, name: string, since: string): Promise<number> => {
  const logs = await kubectl(['-n', namespace, 'logs', name, `--since-time=${since}`]);
  const gaps = [...logs.matchAll(/recent-gap-ms=(\d+(?:\.\d+)?)/g)].map(match => Number(match[1]));
  if (gaps.length === 0) throw new Error(`workload ${name} printed no gap: ${logs}`);
  return Math.max(...gaps);
};

/** The whole second before the first touch of the probe. */
const timeNow = (): string => `${new Date().toISOString().slice(0, 19)}Z`;

for (const node of NODE_KINDS)
  test(`a target that touches 4 MiB every 5 ms sees no gap above 100 ms in a probe that goes to the floor (${node} node)`, t =>
    inNamespace('harm', async namespace => {
      const args = ['latency', '--freed=150Mi', '--held=80Mi'];
      const pod = await runWorkload({namespace, name: 'target', node, args});
      // What a pod sees that no probe is about is the machine's doing: one processor, and a pod that starts on it.
      await runWorkload({namespace, name: 'neighbour', node, args: ['latency']});
      const before = await readBoundary(node, pod.metadata.uid);
      const since = timeNow();
      const probe = await runProbe(namespace, 'probe', {
        target: {podName: 'target'},
        criteria: {idleSeconds: 0},
      });
      const [gap, machineGap] = [
        await readLargestGap(namespace, 'target', since),
        await readLargestGap(namespace, 'neighbour', since),
      ];
      t.log(`largest gap ${gap} ms, of the neighbour ${machineGap} ms`);
      t.is(probe.status?.evidence?.stopCause, 'Exhausted', probe.status?.message ?? '');
      t.is(probe.status?.verdict, 'Reclaimable', probe.status?.message ?? '');
      t.true(gap <= Math.max(PROMISED_MILLISECONDS, 2 * machineGap), `${gap} ms, ${machineGap} ms`);
      t.deepEqual(await readBoundary(node, pod.metadata.uid), before);
      await assertNothingLeft(t, node);
    }));
