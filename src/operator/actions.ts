import type {MemoryProbe} from '../kube/types.ts';
import type {PodOrder} from './balloon-pod.ts';
import type {PodFact} from './facts.ts';
import type {Status} from './status.ts';

/** What people see with `kubectl describe`. */
export type EventOrder = {type: 'Normal' | 'Warning'; reason: string; action: string; note: string};

/** Reason of the event that tells of a limit which may still be changed. */
export const REPAIR_FAILED = 'RepairFailed';

/** One write. They are made in order; the first that fails ends the run, which is then made again from the world. */
export type Action =
  | {do: 'addFinalizer'}
  | {do: 'removeFinalizer'}
  | {do: 'writeStatus'; status: Status}
  | {do: 'createPod'; order: PodOrder}
  | {do: 'deletePod'; pod: PodFact; gracePeriodSeconds: number}
  | {do: 'recordEvent'; event: EventOrder}
  | {do: 'deleteProbe'};

/** Is told of each write that was made, and of whose it was. */
export type Note = (probe: MemoryProbe, action: Action) => void;

export type Decision = {
  actions: Action[];
  /** When to look again even if nothing changes; absent: only then. */
  requeueAfterMs?: number;
};

export const NOTHING: Decision = {actions: []};
