import type {Bytes, Seconds} from './units.ts';

/** Which container a probe is about, fixed when it starts (invariant I5). */
export type TargetIdentity = {
  podName: string;
  podUID: string;
  container: string;
  /** With the runtime's prefix, as in pod status: `containerd://0123...`. */
  containerID: string;
  nodeName: string;
  /** A run on one machine without Kubernetes: its cgroup, or `process N`. Absent: a pod's container. */
  local?: string;
};

/** Who feels the pressure: the target's pod, or the whole node. */
export type Scope = 'Pod' | 'Node';
export type Method = 'Balloon' | 'Reclaim' | 'Observe';

export type PressureSettings = {
  scope: Scope;
  method: Method;
  stepSizeBytes: Bytes;
  stepIntervalMilliseconds: number;
  /** Absent: takeable + one step + 16 MiB; with scope Node what the node has above its floor. */
  maxSizeBytes?: Bytes;
  holdSeconds: Seconds;
};

export type RoundSettings = {count: number; intervalSeconds: Seconds; stopEarly: boolean};

export type Criteria = {
  /** anon + swap that a healthy target needs; absent: nothing was said. */
  expectedBytes?: Bytes;
  minReclaimedPercent: number;
  minGrowthBytes: Bytes;
  /** 0 switches the look at idleness off. */
  idleSeconds: Seconds;
  minIdlePercent: number;
};

/** An amount, or a share of the node's memory. */
export type Threshold = {bytes: Bytes} | {percent: number};

export type GuardSettings = {
  minNodeAvailable: Threshold;
  maxPressurePercent: number;
  maxCacheReclaimedBytes: Bytes;
  deadlineSeconds: Seconds;
};

/**
 * All that the agent is told: one JSON value, from the operator in an environment variable or from the
 * command line of a local run. Every quantity is resolved to a number, every default filled in.
 */
export type Settings = {
  version: 1;
  probe: {namespace: string; name: string; uid: string};
  target: TargetIdentity;
  pressure: PressureSettings;
  rounds: RoundSettings;
  criteria: Criteria;
  guards: GuardSettings;
  /** Node capacity - allocatable, in bytes: what the kubelet keeps for the system and for eviction. Absent: unknown. */
  nodeReservedBytes?: Bytes;
};
