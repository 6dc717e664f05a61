import {readFileSync} from 'node:fs';
import path from 'node:path';
import {parseMemoryLimit} from '../domain/memory-limit.ts';
import {present} from '../domain/present.ts';
import type {Method, Scope} from '../domain/settings.ts';
import {listChildren, listTree, type TargetCgroup} from './cgroup-tree.ts';
import {isGone} from './failure.ts';
import type {Machine} from './machine.ts';
import {BALLOON_CGROUP} from './restoration.ts';

/** The boundary's own limits as they are now; absent where there is no such file, Infinity where there is no limit. */
export type BoundaryLimits = {limitBytes?: number; currentHighBytes?: number};

export const readBoundaryLimits = ({version, pod}: TargetCgroup): BoundaryLimits =>
  version === 2
    ? present({limitBytes: readLimit(pod, 'memory.max'), currentHighBytes: readLimit(pod, 'memory.high')})
    : present({limitBytes: readLimit(pod, 'memory.limit_in_bytes')});

/**
 * Whether the pressure could push anybody's pages to swap; where it is not known, it could. A balloon presses every container
 * of the pod, so it is not enough that the target has no swap. A v2 limit counts for all below it, a v1 swappiness for itself.
 */
export const isSwapPossible = (
  {version, pod, container}: TargetCgroup,
  {swapTotalBytes}: Pick<Machine, 'swapTotalBytes'>,
  method: Method,
): boolean => {
  if (swapTotalBytes === 0) return false;
  if (version === 2 && readLimit(pod, 'memory.swap.max') === 0) return false;
  const pressed = method === 'Reclaim' ? [container] : listContainers(pod, container);
  return version === 2
    ? pressed.some(cgroup => readLimit(cgroup, 'memory.swap.max') !== 0)
    : pressed.flatMap(listTree).some(cgroup => readLimit(cgroup, 'memory.swappiness') !== 0);
};

/** The cgroups in a pod's, without the balloon's; the target where the pod's cgroup is its own. */
const listContainers = (pod: string, container: string): string[] => {
  if (pod === container) return [container];
  return listChildren(pod)
    .filter(name => name !== BALLOON_CGROUP)
    .map(name => path.join(pod, name));
};

/**
 * What the kernel spares of the container when its pod is pressed: memory.min and memory.low, which count for what is
 * used (v2). When the node is pressed every cgroup above must protect as much: what one of them does not claim from its
 * parent protects nobody below it. v1 knows nothing of the kind.
 */
export const readProtectedBytes = (
  {version, container, root}: TargetCgroup,
  usageBytes: number,
  scope: Scope,
): number | undefined => {
  if (version === 1) return 0;
  const claims = (scope === 'Node' ? listAncestors(container, root) : [container]).map(readClaim);
  const known = claims.filter(claim => claim !== undefined);
  return known.length < claims.length ? undefined : Math.min(usageBytes, ...known);
};

/** A cgroup and those above it, without the root. */
const listAncestors = (cgroup: string, root: string): string[] =>
  cgroup.length > root.length ? [cgroup, ...listAncestors(path.dirname(cgroup), root)] : [];

const readClaim = (cgroup: string): number | undefined => {
  const values = ['memory.min', 'memory.low'].flatMap(file => readLimit(cgroup, file) ?? []);
  return values.length === 0 ? undefined : Math.max(...values);
};

/** CPUs that a cgroup may use by its own `cpu.max` (v2): `50000 100000` is half of one. Infinity where nothing limits it. */
export const readCpuQuota = (cgroup: string): number => {
  const [quota, period] = (readText(cgroup, 'cpu.max') ?? 'max 100000').trim().split(' ').map(Number);
  return quota && period ? quota / period : Number.POSITIVE_INFINITY;
};

const readLimit = (cgroup: string, file: string): number | undefined => {
  const text = readText(cgroup, file);
  return text === undefined ? undefined : parseMemoryLimit(text);
};

const readText = (cgroup: string, file: string): string | undefined => {
  try {
    return readFileSync(path.join(cgroup, file), 'latin1');
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
};
