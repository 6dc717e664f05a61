/** A condition as it comes from anywhere: the domain, or a status that was read back. */
type Condition = {
  type: string;
  status: string;
  reason: string;
  lastTransitionTime: string;
  observedGeneration?: number | undefined;
};
type Facts = {conditions: readonly Condition[]; observedGeneration?: number; generation?: number};
type Check = (facts: Facts) => string | undefined;

const statusOf = ({conditions}: Facts, type: string): string | undefined =>
  conditions.find(condition => condition.type === type)?.status;

const CHECKS: readonly Check[] = [
  facts => (statusOf(facts, 'Ready') === undefined ? 'Ready is absent' : undefined),
  facts =>
    statusOf(facts, 'Reconciling') === 'True' && statusOf(facts, 'Stalled') === 'True'
      ? 'Reconciling and Stalled are both True'
      : undefined,
  ({conditions}) =>
    conditions.some(({type, status}) => ['Reconciling', 'Stalled'].includes(type) && status !== 'True')
      ? 'Reconciling or Stalled is there without being True'
      : undefined,
  facts =>
    statusOf(facts, 'Stalled') === 'True' && statusOf(facts, 'Ready') !== 'False'
      ? 'Ready must be False when Stalled is True'
      : undefined,
  facts =>
    statusOf(facts, 'Reconciling') === 'True' && statusOf(facts, 'Ready') === 'True'
      ? 'Ready must not be True while Reconciling'
      : undefined,
  facts =>
    (statusOf(facts, 'Complete') === 'True') === (statusOf(facts, 'Reconciling') === 'True')
      ? 'exactly one of Complete and Reconciling must be True'
      : undefined,
  facts =>
    statusOf(facts, 'Complete') === 'True' &&
    statusOf(facts, 'Ready') !== 'True' &&
    statusOf(facts, 'Stalled') !== 'True'
      ? 'a complete probe must be Ready or Stalled'
      : undefined,
  ({observedGeneration = 0, generation = 0}) =>
    observedGeneration > generation
      ? `observedGeneration ${observedGeneration} is ahead of generation ${generation}`
      : undefined,
  ({conditions, generation = 0}) =>
    conditions.some(condition => (condition.observedGeneration ?? 0) > generation)
      ? 'a condition observed a generation that is not there yet'
      : undefined,
  ({conditions}) =>
    new Set(conditions.map(({type}) => type)).size < conditions.length
      ? 'a type occurs twice: the list is a map keyed by type'
      : undefined,
  ({conditions}) => {
    const bad = conditions.find(({reason}) => !/^[A-Z][A-Za-z]*$/.test(reason));
    return bad && `reason ${JSON.stringify(bad.reason)} of ${bad.type} is not CamelCase`;
  },
  ({conditions}) => {
    const bad = conditions.find(
      ({lastTransitionTime}) => !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(lastTransitionTime),
    );
    return bad && `lastTransitionTime ${bad.lastTransitionTime} of ${bad.type} is not in whole seconds`;
  },
];

/** What is wrong with a status by the rules of kstatus and of the Condition API; empty when nothing is. */
export const checkKstatus = (
  conditions: readonly Condition[],
  observedGeneration?: number,
  generation?: number,
): string[] =>
  CHECKS.flatMap(
    check =>
      check({
        conditions,
        ...(observedGeneration !== undefined && {observedGeneration}),
        ...(generation !== undefined && {generation}),
      }) ?? [],
  );
