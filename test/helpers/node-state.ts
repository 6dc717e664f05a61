import type {ExecutionContext} from 'ava';
import {kubectlJson, type NodeKind, OPERATOR_NAMESPACE, onNode, waitFor} from './cluster.ts';
import type {Pod} from './probe.ts';

/** What a probe may not leave changed: the limits and kill counters of a pod's cgroup, as the kernel prints them. */
export type BoundaryState = {limits: string; kills: string};

/** The directory of a pod's cgroup in the memory hierarchy of its node (cgroupfs layout of the embedded cluster). */
export const findPodCgroup = async (node: NodeKind, podUID: string): Promise<string> => {
  const found = await onNode(
    node,
    `find /sys/fs/cgroup -type d -path '*kubepods*' -name '*pod${podUID}*' | grep -E 'memory|^/sys/fs/cgroup/kubepods' | head -n 1`,
  );
  if (!found.trim()) throw new Error(`node ${node} has no cgroup of pod ${podUID}`);
  return found.trim();
};

const LIMIT_FILES =
  'memory.high memory.max memory.min memory.low memory.swap.max memory.limit_in_bytes memory.soft_limit_in_bytes memory.oom_control';

export const readBoundary = async (node: NodeKind, podUID: string): Promise<BoundaryState> => {
  const cgroup = await findPodCgroup(node, podUID);
  const limits = await onNode(
    node,
    `cd ${cgroup} && for d in . */; do for f in ${LIMIT_FILES}; do [ -f $d/$f ] && echo $d/$f $(grep -v oom_kill' ' $d/$f); done; done`,
  );
  const kills = await onNode(
    node,
    `cd ${cgroup} && grep -rh '^oom_kill ' --include=memory.events --include=memory.oom_control . | sort`,
  );
  return {limits, kills};
};

/** The balloon's processes in the pods of a node: guardian, helper and worker. */
export const listBalloonPids = async (node: NodeKind): Promise<number[]> =>
  (await onNode(node, 'for p in $(pgrep -x balloon); do grep -q kubepods /proc/$p/cgroup && echo $p; done'))
    .split('\n')
    .filter(Boolean)
    .map(Number);

export const listBalloonCgroups = async (node: NodeKind): Promise<string[]> =>
  (await onNode(node, `find /sys/fs/cgroup -type d -path '*kubepods*' -name memoryprobe`))
    .split('\n')
    .filter(Boolean);

/**
 * Kills processes on a node and looks, there and without a pause, until the pod's limit is what it was and the balloon holds
 * no memory. Milliseconds from the kill; 15 s are looked at.
 */
export const killAndAwaitLetGo = async (node: NodeKind, podUID: string, pids: number[]): Promise<number> => {
  const cgroup = await findPodCgroup(node, podUID);
  const milliseconds = await onNode(
    node,
    `cd ${cgroup}; limit=$(ls memory.high memory.limit_in_bytes 2>/dev/null | head -n 1)
     old=$(basename memoryprobe/old-*); old=\${old#old-}
     now() { date +%s%3N; }
     kill -9 ${pids.join(' ')}; start=$(now)
     until [ "$(cat $limit)" = "$old" ] && [ -z "$(cat memoryprobe/cgroup.procs 2>/dev/null)" ] || [ $(($(now) - start)) -gt 15000 ]; do :; done
     echo $(($(now) - start))`,
  );
  return Number(milliseconds);
};

const listOwnPods = async (): Promise<string[]> => {
  const {items} = await kubectlJson<{items: Pod[]}>([
    '-n',
    OPERATOR_NAMESPACE,
    'get',
    'pods',
    '-l',
    'app.kubernetes.io/component in (balloon,repair)',
  ]);
  return items.map(({metadata}) => metadata.name);
};

/** Invariant I9: no pod, cgroup or process of a probe is left; waits a little, since pods end asynchronously. */
export const assertNothingLeft = async (t: ExecutionContext, node: NodeKind): Promise<void> => {
  const left = async (): Promise<object> => ({
    pods: await listOwnPods(),
    cgroups: await listBalloonCgroups(node),
    pids: await listBalloonPids(node),
  });
  const nothing = {pods: [], cgroups: [], pids: []};
  await waitFor(
    'nothing to be left behind',
    async () => JSON.stringify(await left()) === JSON.stringify(nothing) || undefined,
    {seconds: 30, everyMilliseconds: 300},
  ).catch(() => undefined);
  t.deepEqual(await left(), nothing);
};
