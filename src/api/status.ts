import type {Condition} from '../domain/condition.ts';
import {computeConditions, trimMessage} from '../domain/conditions.ts';
import type {Evidence} from '../domain/evidence.ts';
import {derivePhase} from '../domain/lifecycle.ts';
import {present} from '../domain/present.ts';
import {formatQuantity} from '../domain/quantity.ts';
import type {Verdict} from '../domain/verdict.ts';
import type {MemoryProbeBody} from './memory-probe.ts';

export type Status = NonNullable<MemoryProbeBody['status']>;

export type Ended = {verdict: Verdict; evidence: Evidence; target?: Status['target'] | undefined};

/** What only the end of a probe brings into its status: written once, with the evidence, never changed (invariant I4). */
export const describeVerdict = ({verdict, evidence, target}: Ended): Partial<Status> => {
  const {baselineBytes, floorBytes} = evidence;
  return {
    verdict: verdict.outcome,
    reason: verdict.reason,
    message: trimMessage(verdict.message),
    ...(target && {target}),
    ...(baselineBytes !== undefined && {
      summary: present({
        baseline: formatQuantity(baselineBytes),
        floor: floorBytes === undefined ? undefined : formatQuantity(floorBytes),
      }),
    }),
    ...(Object.keys(evidence).length > 0 && {evidence: evidence as NonNullable<Status['evidence']>}),
  };
};

/** The whole status of a run that had no object: as the operator would have written it. Times are RFC 3339, whole seconds. */
export const describeRun = (
  ended: Ended,
  {startTime, endTime}: {startTime: string; endTime: string},
): Status => {
  const conditions: Condition[] = computeConditions({
    verdict: ended.verdict,
    previous: [],
    now: endTime,
    generation: 1,
  });
  return {
    observedGeneration: 1,
    startTime,
    completionTime: endTime,
    phase: derivePhase(conditions),
    conditions,
    ...describeVerdict(ended),
  };
};
