import test, {type ExecutionContext} from 'ava';
import {REQUESTED_BY_ANNOTATION, REQUESTED_GROUPS_ANNOTATION} from '../../src/api/names.ts';
import {inNamespace, kubectlJson, onNode} from '../helpers/cluster.ts';
import {assertNothingLeft, readBoundary} from '../helpers/node-state.ts';
import {applyProbe, getPod, type Pod, type Probe, runWorkload, waitComplete} from '../helpers/probe.ts';

// Only the guest: it is small, and to press it does not press the machine that it is on.
const NODE = 'guest';
const MIB = 1024 * 1024;

/** Large steps, since all that is free has to be taken, and the least floor that the kubelet's threshold allows. */
const PRESSURE = {
  pressure: {scope: 'Node', stepSize: '256Mi'},
  guards: {minNodeAvailable: '128Mi'},
  criteria: {idleSeconds: 0},
};

type Node = {status: {conditions: {type: string; status: string; lastTransitionTime: string}[]}};

/** When each condition last changed: one that was true in between has another time. */
const readConditions = async (): Promise<string[]> => {
  const {items} = await kubectlJson<{items: Node[]}>([
    'get',
    'nodes',
    '-l',
    `memoryprobe.dev/lab-node=${NODE}`,
  ]);
  return items.flatMap(({status}) =>
    status.conditions.map(({type, status: is, lastTransitionTime}) => `${type} ${is} ${lastTransitionTime}`),
  );
};

const readKills = (): Promise<string> => onNode(NODE, "grep '^oom_kill ' /proc/vmstat");

/** Notes the node and the pods on it, and gives the check that a probe left them as they were. */
const noteNode = async (t: ExecutionContext, pods: Pod[]): Promise<() => Promise<void>> => {
  const read = async (): Promise<object> => ({
    conditions: await readConditions(),
    kills: await readKills(),
    pods: await Promise.all(
      pods.map(async ({metadata: {namespace, name, uid}}) => ({
        boundary: await readBoundary(NODE, uid),
        containers: (await getPod(namespace, name)).status.containerStatuses,
      })),
    ),
  });
  const before = await read();
  return async () => {
    t.deepEqual(await read(), before);
    await assertNothingLeft(t, NODE);
  };
};

/** Applies a probe of the whole node as whoever the kubeconfig is, and waits for its end. */
const runNodeProbe = async (namespace: string, podName: string): Promise<Probe> => {
  const {status} = await kubectlJson<{status: {userInfo: {username: string; groups: string[]}}}>([
    'auth',
    'whoami',
  ]);
  const {username, groups} = status.userInfo;
  await applyProbe(
    namespace,
    podName,
    {target: {podName}, ...PRESSURE},
    {[REQUESTED_BY_ANNOTATION]: username, [REQUESTED_GROUPS_ANNOTATION]: groups.join(',')},
  );
  return waitComplete(namespace, podName);
};

const logEvidence = (t: ExecutionContext, {status}: Probe): void => {
  const {steps, inflatedBytes = 0, lazyFreedBytes = 0, stopCause, stopGuard = ''} = status?.evidence ?? {};
  t.log(
    `${inflatedBytes / MIB} MiB in ${steps} steps, ${stopCause} ${stopGuard}; ${lazyFreedBytes / MIB} MiB lazily freed were taken`,
  );
};

test('a whole node is squeezed: what was freed lazily is Reclaimable, what is held is not, and nobody is harmed', t =>
  inNamespace('node-scope', async namespace => {
    const run = (name: string, args: string[], memoryLimit?: string): Promise<Pod> =>
      runWorkload({namespace, name, node: NODE, args, ...(memoryLimit && {memoryLimit})});
    const pods = await Promise.all([
      run('freed', ['lazily-freed', '--freed=400Mi', '--held=40Mi']),
      run('held', ['held-idle', '--held=150Mi']),
      run('neighbour', ['latency', '--held=40Mi'], '96Mi'),
    ]);
    const checkNode = await noteNode(t, pods);

    const freed = await runNodeProbe(namespace, 'freed');
    logEvidence(t, freed);
    t.is(freed.status?.reason, 'ReclaimedUnderPressure', freed.status?.message ?? '');
    t.true((freed.status?.evidence?.inflatedBytes ?? 0) > 400 * MIB, 'the balloon filled the node');

    const held = await runNodeProbe(namespace, 'held');
    t.like(held.status, {verdict: 'Held', reason: 'NotExamined'}, held.status?.message ?? '');
    await checkNode();
  }));
