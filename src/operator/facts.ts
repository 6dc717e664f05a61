import type {ProbeSpec} from '../api/spec.ts';
import type {Failure, Report} from '../domain/report.ts';
import type {TargetIdentity} from '../domain/settings.ts';
import type {Bytes, Seconds} from '../domain/units.ts';
import type {MemoryProbe} from '../kube/types.ts';

/** Milliseconds since 1970. */
export type TimeMs = number;

/** What a balloon or repair pod's status says, in the words that decisions are made in. */
export type PodFact = {
  name: string;
  uid: string;
  nodeName: string;
  createdMs: TimeMs;
  /** When the kubelet took it on; absent before. */
  acceptedMs?: TimeMs;
  /** False: it is gone, and this is the last that was seen of it. */
  present: boolean;
  /** Deletion was asked for: when its grace period ends. */
  deleteByMs?: TimeMs;
  /** What the scheduler says while it finds no place for it. */
  unschedulable?: string;
  /** Why its container does not start, in the kubelet's words. */
  waiting?: {reason: string; message: string};
  running: boolean;
  /** Its container has ended, or it will never have one. */
  ended: boolean;
  /** True unless it is certain that its container never ran. */
  mayHaveRun: boolean;
  /** Its container ended with exit code 0. */
  succeeded: boolean;
  /** How it ended, for a sentence. */
  ending?: string;
  /** Its reason for failing as a pod, such as Evicted or DeadlineExceeded. */
  failure?: string;
  report?: Report;
};

/** What is known of the target. */
export type TargetFact =
  | {state: 'Found'; identity: TargetIdentity; tolerations: Toleration[]}
  /** Not yet: it is waited for a while. */
  | {state: 'Awaited'; failure: Failure}
  /** No waiting helps. */
  | {state: 'Refused'; failure: Failure}
  /** A probe that has started: its target is no longer the one that it started with. */
  | {state: 'Lost'; failure: Failure};

export type Toleration = {
  key?: string;
  operator?: string;
  value?: string;
  effect?: string;
  tolerationSeconds?: number;
};

export type NodeFact = {
  name: string;
  exists: boolean;
  /** Since when its kubelet has not been heard of; absent while it is. */
  silentSinceMs?: TimeMs;
  underMemoryPressure: boolean;
  /** Capacity - allocatable. Absent: unknown. */
  reservedBytes?: Bytes;
};

/** What an administrator lets a probe do that has not started. */
export type Permission = {
  /** Whether probes may press a whole node at all. */
  nodeScopeAllowed: boolean;
  maxDeadlineSeconds: Seconds;
  /** Whether its namespace carries the label; absent: none is demanded. */
  optedIn?: boolean;
  /** Of a probe with scope Node: who asks, and whether they may. Absent: not looked up. */
  requester?: {user?: string; mayPressNodes: boolean};
};

/** So many balloon pods may there be at once, in a namespace's name or in the whole cluster. */
export type Budget = {of: 'cluster' | 'namespace'; limit: number};

/** The API server lets no such pod be made: what it says, and since when. */
export type Refusal = {message: string; sinceMs: TimeMs};

/** All that one decision is made from. */
export type Facts = {
  nowMs: TimeMs;
  probe: MemoryProbe;
  spec: {ok: ProbeSpec} | {error: string};
  permission: Permission;
  /** The stop switch is on, with what the administrator says about it. */
  stop?: {reason?: string};
  /** MemoryProbe is being removed from the cluster: every probe ends now. */
  isEnding?: boolean;
  /** Absent where it does not matter any more. */
  target?: TargetFact;
  /** The target's node; absent while none is known. */
  node?: NodeFact;
  balloon?: PodFact;
  repair?: PodFact;
  balloonRefusal?: Refusal;
  repairRefusal?: Refusal;
  /** Whom this probe waits for on its node. */
  ahead?: string;
  /** The budget that it waits for. */
  spent?: Budget;
};
