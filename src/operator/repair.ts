import type {ProbeSpec} from '../api/spec.ts';
import {present} from '../domain/present.ts';
import type {Settings, TargetIdentity} from '../domain/settings.ts';
import type {Action} from './actions.ts';
import type {Facts} from './facts.ts';
import {isNodeLost, PATIENCE_MS} from './limits.ts';

/** What the agent of a probe is told. */
export const settingsOf = ({probe, node}: Facts, spec: ProbeSpec, target: TargetIdentity): Settings => ({
  version: 1,
  probe: {namespace: probe.metadata.namespace ?? '', name: probe.metadata.name, uid: probe.metadata.uid},
  target,
  pressure: spec.pressure,
  rounds: spec.rounds,
  criteria: spec.criteria,
  guards: spec.guards,
  ...present({nodeReservedBytes: node?.reservedBytes}),
});

export type Repair =
  /** There is nothing to put right, or nobody who could. */
  | {state: 'NotNeeded'}
  | {state: 'Due'; actions: Action[]; requeueAfterMs: number}
  | {state: 'Done'; problem?: string};

/**
 * A balloon pod that ran and did not say that it put everything back is followed by a repair pod: whatever died, the
 * target's limit is restored before there is a verdict. `mayBeLeft`: whether a balloon pod can have left anything.
 */
export const planRepair = (facts: Facts, spec: ProbeSpec, target: TargetIdentity): Repair => {
  const {repair, repairRefusal, node, nowMs} = facts;
  if (!mayBeLeft(facts) || isNodeLost(node, nowMs)) return {state: 'NotNeeded'};
  if (!repair && repairRefusal && nowMs - repairRefusal.sinceMs >= PATIENCE_MS)
    return {state: 'Done', problem: repairRefusal.message};
  if (!repair) {
    const settings = settingsOf(facts, spec, target);
    const order = {
      component: 'repair',
      settings,
      tolerations: [{operator: 'Exists'}],
      activeDeadlineSeconds: 60,
    } as const;
    return {
      state: 'Due',
      actions: [{do: 'createPod', order: {...order, tolerations: [...order.tolerations]}}],
      requeueAfterMs: PATIENCE_MS,
    };
  }
  if (repair.ended || !repair.present)
    return repair.succeeded ? {state: 'Done'} : {state: 'Done', problem: repair.ending ?? 'it was deleted'};
  const leftMs = repair.createdMs + PATIENCE_MS - nowMs;
  if (leftMs > 0) return {state: 'Due', actions: [], requeueAfterMs: leftMs};
  return {
    state: 'Done',
    problem: repair.waiting?.reason ?? repair.unschedulable ?? 'it did not end within 60 s',
  };
};

/** Without any knowledge of the pod there may be. */
const mayBeLeft = ({balloon}: Facts): boolean =>
  balloon === undefined || (balloon.mayHaveRun && !balloon.report?.restored);
