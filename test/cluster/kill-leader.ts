import fc from 'fast-check';
import {
  kubectl,
  kubectlJson,
  NODE_KINDS,
  type NodeKind,
  OPERATOR_NAMESPACE,
  onNode,
  waitFor,
} from '../helpers/cluster.ts';
import type {Pod} from '../helpers/probe.ts';

/** How a leader dies: its process alone, which the kubelet starts again, or its whole pod, as with its node. */
export type Kill = {
  /** From the probe's creation. */
  afterMilliseconds: number;
  ofPod: boolean;
};

/** A probe of these runs is over by then: some are killed after its end. */
const PROBE_MILLISECONDS = 9000;

const kill: fc.Arbitrary<Kill> = fc.record({
  afterMilliseconds: fc.integer({min: 0, max: PROBE_MILLISECONDS}),
  ofPod: fc.boolean(),
});

/** The same ones for the same seed. */
export const drawKills = (count: number, seed: number): Kill[] =>
  fc.sample(fc.noBias(kill), {numRuns: count, seed});

type Lease = {spec?: {holderIdentity?: string}};
type OperatorPod = Pod & {spec: {nodeName: string}};

/** Who holds the lease: `POD_PROCESS`; waits until somebody does. */
export const readHolder = (): Promise<string> =>
  waitFor(
    'a leader',
    async () => {
      const lease = await kubectlJson<Lease>([
        ...['-n', OPERATOR_NAMESPACE, 'get', 'lease', 'memoryprobe-operator'],
      ]);
      return lease.spec?.holderIdentity || undefined;
    },
    {seconds: 30},
  );

const listOperators = async (): Promise<OperatorPod[]> => {
  const {items} = await kubectlJson<{items: OperatorPod[]}>([
    ...['-n', OPERATOR_NAMESPACE, 'get', 'pods', '-l', 'app.kubernetes.io/component=operator'],
  ]);
  return items;
};

const forceDelete = (podName: string): Promise<string> =>
  kubectl([
    ...['-n', OPERATOR_NAMESPACE, 'delete', 'pod', podName],
    ...['--grace-period=0', '--force', '--ignore-not-found', '--wait=false'],
  ]);

/**
 * A leader and a follower that are Ready. A container that was killed often is started later each time: its pod is replaced
 * first.
 */
export const awaitPair = async (): Promise<void> => {
  const worn = (await listOperators()).filter(({status}) =>
    status.containerStatuses?.some(({restartCount}) => restartCount > 1),
  );
  for (const {metadata} of worn) await forceDelete(metadata.name);
  await kubectl([
    ...['-n', OPERATOR_NAMESPACE, 'rollout', 'status', 'deployment', '--timeout=90s'],
    ...['-l', 'app.kubernetes.io/name=memoryprobe'],
  ]);
  await readHolder();
};

const findNodeKind = async (nodeName: string): Promise<NodeKind> => {
  const kind = await kubectl([
    'get',
    'node',
    nodeName,
    '-o',
    'jsonpath={.metadata.labels.memoryprobe\\.dev/lab-node}',
  ]);
  const found = NODE_KINDS.find(name => name === kind);
  if (!found) throw new Error(`node ${nodeName} is no node of the embedded cluster: its kind is "${kind}"`);
  return found;
};

/** Kills the leader's process with signal 9 and answers who it was; one that is just being started is waited for. */
export const killLeader = ({ofPod}: Kill): Promise<string> =>
  waitFor('a leading process to kill', () => killOnce(ofPod), {seconds: 40, everyMilliseconds: 500});

const killOnce = async (ofPod: boolean): Promise<string | undefined> => {
  const holder = await readHolder();
  const [podName = ''] = holder.split('_');
  const pod = (await listOperators()).find(({metadata}) => metadata.name === podName);
  if (!pod) return undefined;
  const killed = await onNode(
    await findNodeKind(pod.spec.nodeName),
    `for p in $(pgrep -f '/app/operator.js'); do grep -qzx 'POD_NAME=${podName}' /proc/$p/environ && kill -9 $p && echo $p; done`,
  );
  if (!killed.trim()) return undefined;
  if (ofPod) await forceDelete(podName);
  return holder;
};

/** Milliseconds until another process leads. */
export const awaitSuccessor = async (holder: string): Promise<number> => {
  const startMs = performance.now();
  await waitFor('another leader', async () => ((await readHolder()) !== holder ? true : undefined), {
    seconds: 40,
    everyMilliseconds: 200,
  });
  return performance.now() - startMs;
};
