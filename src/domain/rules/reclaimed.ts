import {formatMebibytes} from '../quantity.ts';
import {reclaimedThreshold} from '../reclaimed-threshold.ts';
import type {Case} from '../verdict.ts';
import {describeGrowth, hasRisen} from './growth.ts';
import {hasAllRounds, type Rule, reclaimable} from './rule.ts';

/**
 * Rule 9: the kernel says that it took back what the program had freed. The fall of RSS alone says nothing: swap makes a
 * leaker's RSS fall too.
 */
export const reclaimed: Rule = facts => {
  const {lazyFreedBytes, returnedBytes, cgroupVersion, takeableBytes} = facts.evidence;
  const threshold = reclaimedThreshold(facts.evidence, facts.criteria);
  // Without takeableBytes no leak can be seen either: what is blind to the one must not speak for the other.
  if (threshold === undefined || takeableBytes === undefined) return undefined;
  if (!hasAllRounds(facts) || isAboveExpected(facts)) return undefined;
  // What one squeeze took is no pass for what rose from squeeze to squeeze.
  if (hasRisen(facts)) return undefined;
  if (lazyFreedBytes !== undefined && lazyFreedBytes >= threshold)
    return reclaimable(
      'ReclaimedUnderPressure',
      describe(facts, lazyFreedBytes, `taken back by the kernel (lazily freed)${describeRest(facts)}`),
    );
  return cgroupVersion === 2 && returnedBytes !== undefined && returnedBytes >= threshold
    ? reclaimable(
        'ReturnedByTarget',
        describe(facts, returnedBytes, 'given back by the program itself under pressure'),
      )
    : undefined;
};

/** With an expected size a share of it is no proof: a squeeze that ended early may have stopped far above. */
const isAboveExpected = ({
  criteria: {expectedBytes},
  evidence: {floorBytes, epsilonBytes = 0},
}: Case): boolean =>
  expectedBytes !== undefined && (floorBytes === undefined || floorBytes > expectedBytes + epsilonBytes);

const describe = (facts: Case, bytes: number, how: string): string => {
  const {baselineBytes = 0, floorBytes, stopCause} = facts.evidence;
  const left =
    floorBytes === undefined
      ? 'what is held was not measured'
      : `${stopCause === 'Exhausted' ? '' : 'at most '}${formatMebibytes(floorBytes)} are held`;
  return `${formatMebibytes(bytes)} of ${formatMebibytes(baselineBytes)} were ${how}; ${left}; ${describeGrowth(facts)}.`;
};

/** A squeeze that ended early has not proven the rest of what was promised. */
const describeRest = ({evidence}: Case): string => {
  const {stopCause, stopGuard, lazyFreeBytes, lazyFreedBytes = 0, epsilonBytes = 0} = evidence;
  const promised = lazyFreeBytes?.min;
  if (stopCause === 'Exhausted' || promised === undefined || promised - lazyFreedBytes <= epsilonBytes)
    return '';
  return `, of ${formatMebibytes(promised)} predicted, before the squeeze ended (${stopGuard ?? stopCause})`;
};
