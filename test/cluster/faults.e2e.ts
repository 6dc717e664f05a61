import test, {type ExecutionContext} from 'ava';
import {
  inNamespace,
  kubectl,
  NODE_KINDS,
  type NodeKind,
  OPERATOR_NAMESPACE,
  onNode,
  waitFor,
} from '../helpers/cluster.ts';
import {
  assertNothingLeft,
  killAndAwaitLetGo,
  listBalloonCgroups,
  listBalloonPids,
  readBoundary,
} from '../helpers/node-state.ts';
import {
  applyProbe,
  getPod,
  getProbe,
  isComplete,
  type Pod,
  type Probe,
  runWorkload,
  waitComplete,
} from '../helpers/probe.ts';

/** Small steps with a pause between: a squeeze that lasts long enough to be hit in the middle. */
const SLOW_SQUEEZE = {stepSize: '8Mi', stepIntervalMilliseconds: 500};

type Victims = Record<'agent' | 'guardian' | 'helper' | 'worker', number>;

const readParent = async (node: NodeKind, pid: number): Promise<number> =>
  Number(await onNode(node, `awk '/^PPid:/ {print $2}' /proc/${pid}/status`));

/** The four processes of a running probe, once the balloon holds 16 MiB or more. */
const findVictims = (node: NodeKind): Promise<Victims> =>
  waitFor('the balloon to be inflated', async () => {
    const pids = await listBalloonPids(node);
    for (const worker of pids) {
      const guardian = await readParent(node, worker);
      const residentKib = Number(await onNode(node, `awk '/^VmRSS:/ {print $2}' /proc/${worker}/status`));
      const helper = pids.find(pid => pid !== worker && pid !== guardian);
      if (helper && pids.includes(guardian) && residentKib >= 16 * 1024)
        return {agent: await readParent(node, guardian), guardian, helper, worker};
    }
    return undefined;
  });

/** What must be true within `seconds` after the kill: no process and no cgroup of the balloon, and limits as before. */
const assertLetGo = async (
  t: ExecutionContext,
  node: NodeKind,
  {pod, before, seconds}: {pod: Pod; before: object; seconds: number},
): Promise<void> => {
  const isGone = async (): Promise<true | undefined> =>
    (await listBalloonPids(node)).length + (await listBalloonCgroups(node)).length === 0 || undefined;
  await waitFor('the balloon to be gone', isGone, {seconds, everyMilliseconds: 50});
  t.deepEqual(await readBoundary(node, pod.metadata.uid), before, 'limits and kill counters are as before');
};

const startSlowProbe = async (
  namespace: string,
  node: NodeKind,
): Promise<{pod: Pod; before: object; victims: Victims}> => {
  const pod = await runWorkload({
    namespace,
    name: 'target',
    node,
    args: ['lazily-freed', '--freed=200Mi', '--held=20Mi'],
  });
  const before = await readBoundary(node, pod.metadata.uid);
  await applyProbe(namespace, 'probe', {
    target: {podName: 'target'},
    pressure: SLOW_SQUEEZE,
    criteria: {idleSeconds: 0},
  });
  return {pod, before, victims: await findVictims(node)};
};

const assertUnharmed = async (t: ExecutionContext, namespace: string, pod: Pod): Promise<void> => {
  t.deepEqual((await getPod(namespace, 'target')).status.containerStatuses, pod.status.containerStatuses);
};

/** How long the limit may stay changed and the memory be held: others are there, or a repair pod has to come. */
const LET_GO_MILLISECONDS = {one: 1000, all: 15_000};

const killInTheMiddle = test.macro({
  title: (_, node: NodeKind, names: (keyof Victims)[]) =>
    `kill -9 of ${names.join(', ')} in the middle of a squeeze (${node} node)`,
  exec: (t, node: NodeKind, names: (keyof Victims)[]) =>
    inNamespace('kills', async namespace => {
      const {pod, before, victims} = await startSlowProbe(namespace, node);
      const pids = names.map(name => victims[name]);
      const letGoMilliseconds = await killAndAwaitLetGo(node, pod.metadata.uid, pids);
      t.log(`let go of everything after ${letGoMilliseconds} ms`);
      t.true(letGoMilliseconds <= LET_GO_MILLISECONDS[names.length === 1 ? 'one' : 'all']);
      const probe = await waitComplete(namespace, 'probe', 60);
      t.is(probe.status?.verdict, 'Inconclusive', probe.status?.message ?? '');
      await assertLetGo(t, node, {pod, before, seconds: 15});
      await assertUnharmed(t, namespace, pod);
      await assertNothingLeft(t, node);
    }),
});

for (const node of NODE_KINDS) {
  for (const name of ['agent', 'guardian', 'worker'] as const) test(killInTheMiddle, node, [name]);
  test(killInTheMiddle, node, ['agent', 'guardian', 'helper', 'worker']);
}

for (const node of NODE_KINDS) {
  test(`the operator killed in the middle: the probe goes on and ends with its verdict (${node} node)`, t =>
    inNamespace('operator', async namespace => {
      const {pod, before} = await startSlowProbe(namespace, node);
      await kubectl([
        '-n',
        OPERATOR_NAMESPACE,
        'delete',
        'pod',
        '-l',
        'app.kubernetes.io/component=operator',
        '--grace-period=0',
        '--force',
      ]);
      const probe = await waitComplete(namespace, 'probe', 90);
      t.is(probe.status?.verdict, 'Reclaimable', probe.status?.message ?? '');
      t.deepEqual(await readBoundary(node, pod.metadata.uid), before);
      await assertUnharmed(t, namespace, pod);
      await assertNothingLeft(t, node);
    }));

  test(`a probe deleted in the middle lets go at once and leaves no finalizer (${node} node)`, t =>
    inNamespace('deleted', async namespace => {
      const {pod, before} = await startSlowProbe(namespace, node);
      await kubectl(['-n', namespace, 'delete', 'memoryprobe', 'probe', '--wait=true', '--timeout=30s']);
      await assertLetGo(t, node, {pod, before, seconds: 10});
      await assertUnharmed(t, namespace, pod);
      await assertNothingLeft(t, node);
    }));

  test(`a target deleted in the middle ends in TargetGone (${node} node)`, t =>
    inNamespace('gone', async namespace => {
      await startSlowProbe(namespace, node);
      await kubectl(['-n', namespace, 'delete', 'pod', 'target', '--wait=true', '--timeout=60s']);
      const probe = await waitComplete(namespace, 'probe', 60);
      t.like(probe.status, {verdict: 'Inconclusive', reason: 'TargetGone'}, probe.status?.message ?? '');
      await assertNothingLeft(t, node);
    }));

  test(`a target restarted in the middle ends in TargetChanged (${node} node)`, t =>
    inNamespace('changed', async namespace => {
      const {pod} = await startSlowProbe(namespace, node);
      await onNode(node, 'pkill -9 -x workload');
      const probe = await waitComplete(namespace, 'probe', 60);
      t.is(probe.status?.verdict, 'Inconclusive');
      t.regex(probe.status?.reason ?? '', /^Target(Changed|Gone)$/, probe.status?.message ?? '');
      t.is((await getPod(namespace, 'target')).metadata.uid, pod.metadata.uid);
      await assertNothingLeft(t, node);
    }));
}

test('two probes on one node take turns, and the one that waits says for whom', t =>
  inNamespace('turns', async namespace => {
    await startSlowProbe(namespace, 'native');
    await applyProbe(namespace, 'second', {target: {podName: 'target'}, criteria: {idleSeconds: 0}});
    const findWaiting = (probe: Probe): string | undefined =>
      isComplete(probe)
        ? 'it did not wait'
        : probe.status?.conditions?.find(({reason}) => reason === 'NodeBusy')?.message;
    const message = await waitFor('the second probe to wait', async () =>
      findWaiting(await getProbe(namespace, 'second')),
    );
    t.regex(message, /probe/);
    t.is((await getProbe(namespace, 'second')).status?.phase, 'Waiting');
    t.is((await waitComplete(namespace, 'probe')).status?.verdict, 'Reclaimable');
    const second = await waitComplete(namespace, 'second');
    t.is(second.status?.verdict, 'Held', second.status?.message ?? '');
    await assertNothingLeft(t, 'native');
  }));
