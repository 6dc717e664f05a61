import type {ProbeSpec} from '../api/spec.ts';
import {type Decision, NOTHING} from './actions.ts';
import type {Facts} from './facts.ts';
import {clearAway, conclude} from './finish.ts';
import {isNodeLost} from './limits.ts';
import {hasFinalizer, removePods} from './removal.ts';
import {planRepair} from './repair.ts';
import {decideRunning} from './running.ts';
import {decideStart} from './start.ts';
import {hasVerdict, identityOf, stageOf} from './status.ts';

/**
 * What to do about one probe, from all that is known about it. Pure, and the same answer for the same facts: fed with
 * what its own actions lead to, it ends in doing nothing.
 */
export const decide = (facts: Facts): Decision => {
  if (facts.probe.metadata.deletionTimestamp !== undefined) return decideDeletion(facts);
  if (hasVerdict(facts.probe)) return decideComplete(facts);
  if ('error' in facts.spec) return refuse(facts, facts.spec.error);
  return hasStarted(facts) ? decideRunning(facts, facts.spec.ok) : decideStart(facts, facts.spec.ok);
};

/** Whether a balloon pod was ever seen for it: from then on its target is fixed. */
export const hasStarted = ({probe, balloon}: Pick<Facts, 'probe' | 'balloon'>): boolean =>
  balloon !== undefined || ['Starting', 'Squeezing'].includes(stageOf(probe) ?? '');

/** A spec that the schema of today would not have let in. */
const refuse = (facts: Facts, message: string): Decision =>
  conclude(facts, {
    verdict: {outcome: 'Inconclusive', reason: 'SpecInvalid', message, passed: 'Unknown'},
    evidence: {},
  });

const decideComplete = (facts: Facts): Decision => {
  const cleared = clearAway(facts);
  const {status} = facts.probe;
  if (cleared.actions.length > 0 || cleared.requeueAfterMs !== undefined || 'error' in facts.spec)
    return cleared;
  return decideExpiry(facts, facts.spec.ok, status?.completionTime);
};

const decideExpiry = (
  {nowMs}: Facts,
  {ttlSeconds}: ProbeSpec,
  completionTime: string | undefined,
): Decision => {
  if (ttlSeconds === undefined || completionTime === undefined) return NOTHING;
  const leftMs = Date.parse(completionTime) + ttlSeconds * 1000 - nowMs;
  return leftMs > 0 ? {actions: [], requeueAfterMs: leftMs} : {actions: [{do: 'deleteProbe'}]};
};

/** Somebody deletes the probe: let go at once, put right what was left, and let it go. */
const decideDeletion = (facts: Facts): Decision => {
  const {probe, balloon, nowMs, node} = facts;
  const target = identityOf(probe);
  if ('error' in facts.spec || !target || hasVerdict(probe) || !hasStarted(facts)) return clearAway(facts);
  // Whoever took the finalizer off has seen to the rest: the probe may be gone already.
  if (!hasFinalizer(facts)) return clearAway(facts);
  if (balloon?.present && !balloon.ended && !isNodeLost(node, nowMs)) {
    const {actions, requeueAfterMs = 1000} = removePods(facts, [balloon]);
    return {actions, requeueAfterMs};
  }
  const repair = planRepair(facts, facts.spec.ok, target);
  return repair.state === 'Due' ? repair : clearAway(facts);
};
