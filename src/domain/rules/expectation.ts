import {formatMebibytes} from '../quantity.ts';
import type {Bytes} from '../units.ts';
import type {Case} from '../verdict.ts';
import {exhaustedSqueezes, hasAllRounds, held, inconclusive, leak, type Rule, reclaimable} from './rule.ts';

/** Rule 3: the target does not even hold what a healthy one needs, so no squeeze can tell more. */
export const asExpected: Rule = ({criteria: {expectedBytes}, rounds, evidence: {baselineBytes}}) => {
  if (rounds.count !== 1 || expectedBytes === undefined || baselineBytes === undefined) return undefined;
  return baselineBytes > expectedBytes
    ? undefined
    : held(
        'AsExpected',
        `The baseline (anon + swap) is ${formatMebibytes(baselineBytes)}, not above expectedSize (${formatMebibytes(expectedBytes)}); nothing had to be squeezed.`,
        'True',
      );
};

/** Rule 7: whatever the reason, every floor is above what was declared healthy. */
export const aboveExpected: Rule = facts => {
  const {above, floors, expectedBytes} = compareFloors(facts);
  if (expectedBytes === undefined || floors.length === 0 || above.length < floors.length) return undefined;
  const {baselineBytes, takeableBytes} = facts.evidence;
  if (baselineBytes === undefined || takeableBytes === undefined) return undefined;
  return leak(
    'AboveExpected',
    `${formatMebibytes(Math.min(...floors))} stay held under pressure, ${formatMebibytes(Math.min(...floors) - expectedBytes)} above expectedSize (${formatMebibytes(expectedBytes)}): a leak, uncollected garbage, or what the runtime retains.`,
  );
};

/** Between rules 7 and 8: neither may speak where the floors lie on both sides. */
export const acrossExpected: Rule = facts => {
  const {above, floors, expectedBytes} = compareFloors(facts);
  if (expectedBytes === undefined || above.length === 0 || above.length === floors.length) return undefined;
  return inconclusive(
    'TrendUnclear',
    `${above.length} of ${floors.length} floors are above expectedSize (${formatMebibytes(expectedBytes)}), from ${formatMebibytes(Math.min(...floors))} to ${formatMebibytes(Math.max(...floors))}; the others are not.`,
  );
};

/** Rule 8: what was above the expected size went away, and it is known where to. */
export const withinExpected: Rule = facts => {
  const {expectedBytes} = facts.criteria;
  const {baselineBytes, floorBytes, epsilonBytes, takeableBytes, unexplainedBytes} = facts.evidence;
  if (expectedBytes === undefined || baselineBytes === undefined || floorBytes === undefined)
    return undefined;
  if (epsilonBytes === undefined || takeableBytes === undefined || baselineBytes <= expectedBytes)
    return undefined;
  // The fall of this very squeeze: that another one has no gap does not say where this one's went.
  if (unexplainedBytes === undefined || unexplainedBytes > epsilonBytes) return undefined;
  if (floorBytes > expectedBytes + epsilonBytes || !hasAllRounds(facts)) return undefined;
  if (leftBytes(facts) > expectedBytes + epsilonBytes) return undefined;
  return reclaimable(
    'WithinExpected',
    `The target (anon + swap) fell from ${formatMebibytes(baselineBytes)} to ${formatMebibytes(floorBytes)} under pressure, within expectedSize (${formatMebibytes(expectedBytes)}).`,
  );
};

/** What a squeeze that ended early has left: a floor that it did not reach is a prediction, and no proof. */
const leftBytes = (facts: Case): Bytes => {
  const {baselineBytes = 0, floorBytes = 0, lazyFreedBytes = 0, returnedBytes = 0} = facts.evidence;
  return exhaustedSqueezes(facts).length > 0 ? floorBytes : baselineBytes - lazyFreedBytes - returnedBytes;
};

const compareFloors = (facts: Case) => {
  const {expectedBytes} = facts.criteria;
  const {epsilonBytes} = facts.evidence;
  if (expectedBytes === undefined || epsilonBytes === undefined)
    return {floors: [], above: [], expectedBytes: undefined};
  const floors = exhaustedSqueezes(facts).map(({floorBytes}) => floorBytes);
  return {floors, above: floors.filter(floor => floor > expectedBytes + epsilonBytes), expectedBytes};
};
