import {CONDITION_TYPES, type Condition} from './condition.ts';
import type {Lifecycle} from './lifecycle.ts';
import type {Verdict} from './verdict.ts';

type Observation = Omit<Condition, 'lastTransitionTime'>;

/** The API server refuses longer ones. */
const MAX_MESSAGE_LENGTH = 2048;

/**
 * The list with this condition in it, sorted. `lastTransitionTime` is the previous one's while the status is the same,
 * else `now` (RFC 3339).
 */
export const setCondition = (
  list: readonly Condition[],
  condition: Observation,
  now: string,
): Condition[] => {
  const previous = list.find(({type}) => type === condition.type);
  const lastTransitionTime = previous?.status === condition.status ? previous.lastTransitionTime : now;
  const message = trimMessage(condition.message);
  return [
    ...list.filter(({type}) => type !== condition.type),
    {...condition, message, lastTransitionTime},
  ].sort((a, b) => CONDITION_TYPES.indexOf(a.type) - CONDITION_TYPES.indexOf(b.type));
};

/** At most what the schema allows, with an ellipsis where something is left out. */
export const trimMessage = (message: string): string =>
  message.length <= MAX_MESSAGE_LENGTH ? message : `${message.slice(0, MAX_MESSAGE_LENGTH - 1)}…`;

export type ConditionFacts = {
  /** Needed until there is a verdict. */
  lifecycle?: Lifecycle;
  verdict?: Verdict;
  previous: readonly Condition[];
  /** RFC 3339, whole seconds. */
  now: string;
  generation: number;
};

/**
 * All conditions of a probe, with kstatus semantics: Reconciling until the end, then Stalled or Ready; Complete=True
 * for every end, after which nothing changes any more (invariant I4). Reconciling and Stalled are there only while True.
 */
export const computeConditions = (facts: ConditionFacts): Condition[] => {
  const {previous, now, generation} = facts;
  if (isComplete(previous)) return [...previous];
  return describe(facts).reduce<Condition[]>((list, observation) => {
    const kept = previous.filter(({type}) => type === observation.type);
    const [condition] = setCondition(kept, {...observation, observedGeneration: generation}, now);
    return condition ? setCondition(list, condition, condition.lastTransitionTime) : list;
  }, []);
};

export const isComplete = (conditions: readonly Condition[]): boolean =>
  conditions.some(({type, status}) => type === 'Complete' && status === 'True');

const describe = ({lifecycle, verdict}: ConditionFacts): Observation[] => {
  if (verdict) return describeEnd(verdict);
  const {stage: reason, message} = lifecycle ?? FRESH;
  return [
    {type: 'Reconciling', status: 'True', reason, message},
    {type: 'Ready', status: 'False', reason, message},
    {type: 'Complete', status: 'False', reason, message},
    {type: 'Passed', status: 'Unknown', reason, message},
  ];
};

/** kstatus takes an object without conditions for finished, so the first touch must already say Reconciling. */
const FRESH: Lifecycle = {
  stage: 'WaitingForTarget',
  message: 'The probe was seen; its target is being looked up.',
};

const describeEnd = ({outcome, reason, message, passed}: Verdict): Observation[] => {
  const isReady = outcome === 'Reclaimable' || outcome === 'Held';
  const stalled: Observation[] = isReady ? [] : [{type: 'Stalled', status: 'True', reason, message}];
  return [
    ...stalled,
    {type: 'Ready', status: isReady ? 'True' : 'False', reason, message},
    {type: 'Complete', status: 'True', reason, message},
    {type: 'Passed', status: passed, reason, message},
  ];
};
