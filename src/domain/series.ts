import type {Evidence, Round} from './evidence.ts';
import type {Criteria, RoundSettings} from './settings.ts';
import {examineTrend, MIN_SERIES_LENGTH, TREND_ALPHA, type Trend} from './trend.ts';
import type {Bytes} from './units.ts';

/** What a series is made of: a number that each round may have. */
export type SeriesOf = 'floorBytes' | 'shmemBytes' | 'kernelBytes';

type GrowthFacts = {evidence: Evidence; criteria: Criteria; rounds: RoundSettings};

/** Only a squeeze to exhaustion whose balance is known and without a gap has a floor that may be compared. */
export const isUsable = (
  {stopCause, unexplainedBytes}: Pick<Round, 'stopCause' | 'unexplainedBytes'>,
  epsilonBytes: Bytes,
): boolean => stopCause === 'Exhausted' && unexplainedBytes !== undefined && unexplainedBytes <= epsilonBytes;

/** The rounds that may be compared; none where it is not known what the counters may be off by. */
export const usableRounds = ({
  rounds = [],
  epsilonBytes,
}: Pick<Evidence, 'rounds' | 'epsilonBytes'>): Round[] =>
  epsilonBytes === undefined ? [] : rounds.filter(round => isUsable(round, epsilonBytes));

/** The trend of one number over the rounds; undefined where fewer than 8 of them have it. */
export const trendOf = ({evidence, criteria, rounds}: GrowthFacts, field: SeriesOf): Trend | undefined => {
  const points = usableRounds(evidence).flatMap(round => {
    const bytes = round[field];
    return bytes === undefined ? [] : [{timeSeconds: Date.parse(round.time) / 1000, bytes}];
  });
  if (evidence.epsilonBytes === undefined) return undefined;
  return examineTrend(points, {
    alpha: alphaOf(rounds),
    minGrowthBytes: criteria.minGrowthBytes,
    epsilonBytes: evidence.epsilonBytes,
  });
};

/** A probe that ended after a part of its rounds has looked at a part of the period that all of them were to cover. */
const LEAST_LOOK_SHARE = 2 / 3;

/** With `rounds.stopEarly` the first look is after so many rounds. */
export const firstLookRounds = ({count}: Pick<RoundSettings, 'count'>): number =>
  Math.max(MIN_SERIES_LENGTH, Math.ceil(LEAST_LOOK_SHARE * count));

/** With stopEarly every round from the first look on is a test of its own: the allowed error is shared among them. */
const alphaOf = ({count, stopEarly}: RoundSettings): number =>
  stopEarly ? TREND_ALPHA / Math.max(1, count - firstLookRounds({count}) + 1) : TREND_ALPHA;

/** Shared memory that goes to swap is counted there like any other, so it leaves the one series for the other, and comes back. */
const COUNTERPART: Partial<Record<SeriesOf, SeriesOf>> = {floorBytes: 'shmemBytes', shmemBytes: 'floorBytes'};
/** Of a growth at most so much may be none of the target's doing. */
const MAX_FOREIGN_SHARE = 0.5;

/** The trend of one number where it grows beyond doubt, and neither by what its counterpart falls nor by what the kernel adds. */
export const growthOf = (facts: GrowthFacts, field: SeriesOf): Trend | undefined => {
  const trend = trendOf(facts, field);
  if (!trend?.isGrowing) return undefined;
  const foreignBytes = Math.max(0, movedBytes(facts, field)) + addedBytes(facts, field);
  return foreignBytes > MAX_FOREIGN_SHARE * trend.growthBytes ? undefined : trend;
};

const movedBytes = (facts: GrowthFacts, field: SeriesOf): number => {
  const counterpart = COUNTERPART[field];
  return -((counterpart && trendOf(facts, counterpart))?.growthBytes ?? 0);
};

/** What khugepaged may have filled is anonymous, and so is part of the floor. */
const addedBytes = ({evidence}: GrowthFacts, field: SeriesOf): Bytes =>
  field === 'floorBytes' ? (evidence.hugePageFillBytes ?? 0) : 0;

/** For `rounds.stopEarly`: a leak is certain already. */
export const isGrowing = (facts: GrowthFacts): boolean =>
  (facts.evidence.rounds?.length ?? 0) >= firstLookRounds(facts.rounds) &&
  (['floorBytes', 'shmemBytes', 'kernelBytes'] as const).some(field => growthOf(facts, field));
