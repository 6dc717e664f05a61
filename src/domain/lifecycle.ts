import type {Condition} from './condition.ts';

/** Derived from the conditions, for the eye only: nothing decides by it. */
export type Phase = 'Pending' | 'Waiting' | 'Running' | 'Complete';

/** Where a probe is on its way, with the phase that people see. Each is the reason of Reconciling while it lasts. */
export const PHASE_OF_STAGE = {
  /** Just seen, or the target is not there yet. */
  WaitingForTarget: 'Pending',
  /** Another probe has the node. */
  NodeBusy: 'Waiting',
  /** As many probes run as an administrator lets run at once. */
  BudgetSpent: 'Waiting',
  /** An administrator holds all probes. */
  StopSwitch: 'Waiting',
  /** The balloon pod is to be placed and its image pulled. */
  Scheduling: 'Running',
  Starting: 'Running',
  Squeezing: 'Running',
} as const satisfies Record<string, Phase>;
export type Stage = keyof typeof PHASE_OF_STAGE;

/** What the operator found out about a probe that has no verdict yet. */
export type Lifecycle = {stage: Stage; message: string};

/** A probe without conditions is Pending: nobody has touched it. */
export const derivePhase = (conditions: readonly Condition[]): Phase => {
  const isComplete = conditions.some(({type, status}) => type === 'Complete' && status === 'True');
  const reason = conditions.find(({type}) => type === 'Reconciling')?.reason;
  if (isComplete) return 'Complete';
  return reason !== undefined && isStage(reason) ? PHASE_OF_STAGE[reason] : 'Pending';
};

const isStage = (reason: string): reason is Stage => Object.hasOwn(PHASE_OF_STAGE, reason);
