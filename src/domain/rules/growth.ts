import type {Round} from '../evidence.ts';
import {formatMebibytes} from '../quantity.ts';
import type {ReasonOf} from '../reasons.ts';
import {firstLookRounds, growthOf, type SeriesOf, trendOf, usableRounds} from '../series.ts';
import type {Trend} from '../trend.ts';
import type {Case} from '../verdict.ts';
import {held, inconclusive, isExamined, leak, type Rule} from './rule.ts';

const GROWING: readonly (readonly [SeriesOf, reason: ReasonOf<'Leak'>, what: string])[] = [
  ['floorBytes', 'FloorGrows', 'The floor (anon + swap)'],
  ['shmemBytes', 'SharedGrows', 'Shared memory'],
  ['kernelBytes', 'KernelGrows', 'Unreclaimable kernel memory'],
];

/**
 * Rule 6: what no pressure takes grows from squeeze to squeeze. A report that was cut off before the first look of
 * `stopEarly` covers too little of the period that the rounds were chosen to cover.
 */
export const grows: Rule = facts => {
  if (facts.evidence.takeableBytes === undefined) return undefined;
  if ((facts.evidence.rounds?.length ?? 0) < firstLookRounds(facts.rounds)) return undefined;
  const found = GROWING.find(([field]) => growthOf(facts, field));
  const trend = found && growthOf(facts, found[0]);
  return (
    trend &&
    leak(
      found[1],
      `${found[2]} grew by ${formatMebibytes(trend.growthBytes)} over ${countUsable(facts)} squeezes, ${perHour(trend.slopeBytesPerHour)}, and is not seen to slow down. They cover ${describeWindow(facts)}: a rising load, or a period or warm-up much longer than that, looks the same.`,
    )
  );
};

/** Rule 12, first half: enough floors, and no growth that would matter. */
export const flat: Rule = facts => {
  const trend = isExamined(facts) ? trendOf(facts, 'floorBytes') : undefined;
  return trend?.isFlat && coversRounds(facts)
    ? held(
        'FloorFlat',
        `${formatMebibytes(facts.evidence.floorBytes ?? 0)} stay held over ${countUsable(facts)} squeezes; ${describeLimit(trend)} (anon + swap, over ${describeWindow(facts)}).`,
        'True',
      )
    : undefined;
};

/** Rule 12 before its first half: a flat floor is no pass beside other memory that rose, though not steadily. */
export const risesBeside: Rule = facts => {
  if (!isExamined(facts)) return undefined;
  const found = BESIDE.find(([field]) => (trendOf(facts, field)?.growthBytes ?? 0) > leastRise(facts));
  const trend = found && trendOf(facts, found[0]);
  return (
    trend &&
    inconclusive(
      'TrendUnclear',
      `${found[2]} rose by ${formatMebibytes(trend.growthBytes)} over ${countUsable(facts)} squeezes, more than minGrowth (${formatMebibytes(facts.criteria.minGrowthBytes)}), though not steadily; the floor (anon + swap) does not have it (over ${describeWindow(facts)}).`,
    )
  );
};

const BESIDE = GROWING.filter(([field]) => field !== 'floorBytes');

const leastRise = ({criteria, evidence: {epsilonBytes = 0}}: Case): number =>
  Math.max(criteria.minGrowthBytes, epsilonBytes);

/** Rule 12, second half. */
export const unclear: Rule = facts => {
  const trend = isExamined(facts) ? trendOf(facts, 'floorBytes') : undefined;
  if (!trend) return undefined;
  if (!trend.isFlat)
    return inconclusive(
      'TrendUnclear',
      `${capitalize(describeMovement(facts, trend))}: ${describeDoubt(facts, trend)} (over ${describeWindow(facts)}).`,
    );
  return coversRounds(facts)
    ? undefined
    : inconclusive(
        'TrendUnclear',
        `Only ${countUsable(facts)} of ${facts.evidence.rounds?.length ?? 0} floors can be compared: they do not move, but cover no more than ${describeWindow(facts)}; the other squeezes ended early or have a gap.`,
      );
};

/** Floors that are missing at one end say nothing of it, and what made them missing may be what grew. */
const LEAST_COVERED_SHARE = 2 / 3;

const coversRounds = ({evidence}: Case): boolean =>
  spanSeconds(usableRounds(evidence)) >= LEAST_COVERED_SHARE * spanSeconds(evidence.rounds ?? []);

/** Enough rounds to see, and something that no pressure takes rose by more than `minGrowth`, though not steadily. */
export const hasRisen = (facts: Case): boolean =>
  GROWING.some(([field]) => (trendOf(facts, field)?.growthBytes ?? 0) > leastRise(facts));

/** What a verdict other than a leak can say about growth. */
export const describeGrowth = (facts: Case): string => {
  const trend = trendOf(facts, 'floorBytes');
  if (!trend) return `growth not examined${describeFloors(facts)}`;
  return trend.isFlat
    ? `${describeLimit(trend)} over ${describeWindow(facts)}`
    : `growth unclear: ${describeMovement(facts, trend)}`;
};

/** The single numbers are one squeeze's: where the others left other floors the sentence says so. */
const describeFloors = ({evidence}: Case): string => {
  const floors = usableRounds(evidence).map(({floorBytes}) => floorBytes);
  const [least, most] = [Math.min(...floors), Math.max(...floors)];
  return most - least > (evidence.epsilonBytes ?? 0)
    ? ` (floors from ${formatMebibytes(least)} to ${formatMebibytes(most)} over ${floors.length} squeezes)`
    : '';
};

/** The movement where it is more than may be, else the scatter that would hide as much. */
const describeMovement = (facts: Case, trend: Trend): string =>
  Math.abs(trend.growthBytes) > facts.criteria.minGrowthBytes
    ? `the floor moved by ${formatMebibytes(trend.growthBytes)} over ${countUsable(facts)} squeezes, more than minGrowth (${formatMebibytes(facts.criteria.minGrowthBytes)})`
    : `the floor scatters so much over ${countUsable(facts)} squeezes that growth of ${perHour(trend.detectableBytesPerHour)} could hide in it`;

/** Why a floor that moves is no leak; one that grows is none where it may not be the target that makes it grow. */
const describeDoubt = ({evidence: {hugePageFillBytes = 0}}: Case, {isGrowing}: Trend): string =>
  [
    !isGrowing && 'neither steady growth nor rest',
    hugePageFillBytes > 0 &&
      `khugepaged may have added ${formatMebibytes(hugePageFillBytes)} by filling up huge pages (max_ptes_none)`,
    isGrowing && hugePageFillBytes === 0 && 'shared memory that went to swap may be in it',
  ]
    .filter(part => part !== false)
    .join('; ');

const describeLimit = (trend: Trend): string =>
  `no growth above ${perHour(Math.max(0, trend.detectableBytesPerHour))} would have been missed`;

const capitalize = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const perHour = (bytes: number): string => `${formatMebibytes(bytes)}/h`;

const countUsable = ({evidence}: Case): number => usableRounds(evidence).length;

const describeWindow = ({evidence}: Case): string => {
  const seconds = spanSeconds(usableRounds(evidence));
  return seconds < 600 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
};

const spanSeconds = (rounds: readonly Round[]): number => {
  const times = rounds.map(({time}) => Date.parse(time) / 1000);
  return (times.at(-1) ?? 0) - (times[0] ?? 0);
};
