import {formatMebibytes} from '../quantity.ts';
import {MIB} from '../units.ts';
import {describeGrowth} from './growth.ts';
import {
  type Examined,
  exhaustedSqueezes,
  hasAllRounds,
  held,
  inconclusive,
  isExamined,
  missingNumbers,
  type Rule,
} from './rule.ts';

/** A smaller target is mostly its runtime. */
const LEAST_BASELINE_BYTES = 8 * MIB;

/** Rule 13: too little to judge; the message names where the rest of its memory is. */
export const nothingToJudge: Rule = facts => {
  if (!isExamined(facts) || facts.evidence.baselineBytes >= LEAST_BASELINE_BYTES) return undefined;
  const {baselineBytes, shmemBytes, fileBytes} = facts.evidence;
  const rest = [
    shmemBytes !== undefined && `${formatMebibytes(shmemBytes)} shared memory and tmpfs`,
    fileBytes !== undefined && `${formatMebibytes(fileBytes)} page cache`,
  ].filter(part => part !== false);
  return held(
    'NothingToJudge',
    `The baseline (anon + swap) is only ${formatMebibytes(baselineBytes)}${rest.length > 0 ? `, beside ${rest.join(' and ')}` : ''}.`,
    'Unknown',
  );
};

/** Rule 14: held and not touched. */
export const heldIdle: Rule = facts => {
  if (!isExamined(facts) || facts.criteria.idleSeconds === 0) return undefined;
  const {idleBytes, floorBytes} = facts.evidence;
  // The look at idleness comes after the last squeeze, whichever of them the other numbers are of.
  const heldBytes = exhaustedSqueezes(facts).at(-1)?.floorBytes ?? floorBytes;
  const isIdle = idleBytes !== undefined && idleBytes >= (heldBytes * facts.criteria.minIdlePercent) / 100;
  return isIdle
    ? held(
        'HeldIdle',
        `${describeHeld(facts)}; ${formatMebibytes(idleBytes)} were not touched for ${facts.criteria.idleSeconds} s: a leak, an idle cache or a heap kept for later; rounds or expectedSize settle it.`,
        'Unknown',
      )
    : undefined;
};

/** Rule 15: held and touched, which a garbage collector does to everything. */
export const heldInUse: Rule = facts =>
  isExamined(facts) && facts.criteria.idleSeconds > 0 && facts.evidence.idleBytes !== undefined
    ? held(
        'HeldInUse',
        `${describeHeld(facts)} and in use: ${formatMebibytes(facts.evidence.idleBytes)} were not touched for ${facts.criteria.idleSeconds} s; ${describeGrowth(facts)}.`,
        'Unknown',
      )
    : undefined;

/** Rule 16: held, and nobody looked whether it is used. */
export const notExamined: Rule = facts =>
  isExamined(facts)
    ? held(
        'NotExamined',
        `${describeHeld(facts)}; whether they are used was not looked at, ${describeGrowth(facts)}.`,
        'Unknown',
      )
    : undefined;

/** A target that allocates meanwhile holds more than before: that is no part of it. */
const describeHeld = ({evidence: {floorBytes, baselineBytes}}: Examined): string =>
  floorBytes > baselineBytes
    ? `${formatMebibytes(floorBytes)} stay held under pressure (${formatMebibytes(baselineBytes)} before it)`
    : `${formatMebibytes(floorBytes)} of ${formatMebibytes(baselineBytes)} stay held under pressure`;

/** After the last rule: a number that every statement needs is not there. */
export const reportMissing: Rule = facts => {
  const missing = missingNumbers(facts);
  const what = hasAllRounds(facts)
    ? `the report has no ${missing.length > 0 ? missing.join(', no ') : 'squeeze whose floor can be used'}`
    : `only ${facts.evidence.rounds?.length ?? 0} of ${facts.rounds.count} rounds were reported`;
  return inconclusive('ReportMissing', `No verdict: ${what}.`);
};
