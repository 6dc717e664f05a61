import {type Evidence, MAX_ROUNDS} from './evidence.ts';
import {reclaimedThreshold} from './reclaimed-threshold.ts';
import {isUsable, trendOf} from './series.ts';
import type {Criteria, RoundSettings} from './settings.ts';
import type {SqueezeResult} from './squeeze-result.ts';

/**
 * The evidence of all rounds so far. The single numbers and the curve are those of ONE squeeze, so that they belong
 * together: of those to exhaustion the one that took most lazily freed memory, the explained before the unexplained, the
 * earlier before the later; where none was exhausted, the last one.
 */
export const mergeRounds = (
  results: readonly SqueezeResult[],
  settings: {criteria: Criteria; rounds: RoundSettings},
): Evidence => {
  const {evidence} = chooseResult(results);
  const rounds = results.flatMap(({round}) => round ?? []).slice(0, MAX_ROUNDS);
  const merged: Evidence = {...evidence, ...(rounds.length > 0 && {rounds})};
  const trend = trendOf({evidence: merged, ...settings}, 'floorBytes');
  return trend
    ? {
        ...merged,
        growthBytesPerHour: Math.round(trend.slopeBytesPerHour),
        detectableBytesPerHour: Math.round(Math.max(0, trend.detectableBytesPerHour)),
      }
    : merged;
};

const chooseResult = (results: readonly SqueezeResult[]): SqueezeResult => {
  const exhausted = results.filter(({evidence}) => evidence.stopCause === 'Exhausted');
  const best = exhausted.reduce<SqueezeResult | undefined>(
    (chosen, result) => (chosen && !isBetter(result.evidence, chosen.evidence) ? chosen : result),
    undefined,
  );
  return best ?? results.at(-1) ?? {evidence: {}};
};

const isBetter = (candidate: Evidence, chosen: Evidence): boolean => {
  const epsilon = candidate.epsilonBytes ?? 0;
  const difference = (candidate.lazyFreedBytes ?? 0) - (chosen.lazyFreedBytes ?? 0);
  if (Math.abs(difference) > epsilon) return difference > 0;
  return isExplained(candidate) && !isExplained(chosen);
};

const isExplained = ({unexplainedBytes, epsilonBytes = 0}: Evidence): boolean =>
  isUsable({stopCause: 'Exhausted', ...(unexplainedBytes !== undefined && {unexplainedBytes})}, epsilonBytes);

/**
 * One squeeze whose balance has a gap decides nothing; a second look tells a passing event from a rule. Not where what the
 * kernel counted as lazily freed decides already.
 */
export const needsRepeat = (evidence: Evidence, criteria: Pick<Criteria, 'minReclaimedPercent'>): boolean => {
  const {stopCause, unexplainedBytes = 0, epsilonBytes, lazyFreedBytes} = evidence;
  const isUnexplained =
    stopCause === 'Exhausted' && epsilonBytes !== undefined && unexplainedBytes > epsilonBytes;
  const threshold = reclaimedThreshold(evidence, criteria);
  const isDecided = threshold !== undefined && lazyFreedBytes !== undefined && lazyFreedBytes >= threshold;
  return isUnexplained && !isDecided;
};
