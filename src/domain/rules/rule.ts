import type {Evidence, Round} from '../evidence.ts';
import type {ReasonOf} from '../reasons.ts';
import {isUsable, usableRounds} from '../series.ts';
import type {Case, Verdict} from '../verdict.ts';

/** One row of the table of docs/verdict.md: the verdict, or undefined where the row does not apply. */
export type Rule = (facts: Case) => Verdict | undefined;

export const inconclusive = (reason: ReasonOf<'Inconclusive'>, message: string): Verdict => ({
  outcome: 'Inconclusive',
  reason,
  message,
  passed: 'Unknown',
});

export const held = (reason: ReasonOf<'Held'>, message: string, passed: 'True' | 'Unknown'): Verdict => ({
  outcome: 'Held',
  reason,
  message,
  passed,
});

export const leak = (reason: ReasonOf<'Leak'>, message: string): Verdict => ({
  outcome: 'Leak',
  reason,
  message,
  passed: 'False',
});

export const reclaimable = (reason: ReasonOf<'Reclaimable'>, message: string): Verdict => ({
  outcome: 'Reclaimable',
  reason,
  message,
  passed: 'True',
});

/** Every round that was asked for has left a floor; a report that was cut off in the middle has not. */
export const hasAllRounds = ({rounds, evidence}: Case): boolean =>
  rounds.count === 1 || (evidence.rounds?.length ?? 0) >= rounds.count;

/** A squeeze as a round has it; a report of a single squeeze may say it without a list of rounds. */
type Squeeze = Pick<Round, 'floorBytes' | 'stopCause'> & Pick<Round, 'unexplainedBytes'>;

export const exhaustedSqueezes = ({evidence}: Case): Squeeze[] =>
  squeezesOf(evidence).filter(({stopCause}) => stopCause === 'Exhausted');

const squeezesOf = ({rounds = [], floorBytes, stopCause, unexplainedBytes}: Evidence): Squeeze[] => {
  if (rounds.length > 0) return rounds;
  if (floorBytes === undefined || stopCause === undefined) return [];
  return [{floorBytes, stopCause, ...(unexplainedBytes !== undefined && {unexplainedBytes})}];
};

/** A balance without a gap: in the squeeze that the evidence is of, or in a round that repeated it. */
export const isExplained = ({evidence}: Case): boolean => {
  const {unexplainedBytes, epsilonBytes} = evidence;
  if (epsilonBytes === undefined) return false;
  return (
    (unexplainedBytes !== undefined && unexplainedBytes <= epsilonBytes) || usableRounds(evidence).length > 0
  );
};

/** The numbers that any statement on what is held rests on. */
const NEEDED = [
  ['stopCause', 'why the squeeze ended'],
  ['baselineBytes', 'anon + swap before the squeeze'],
  ['floorBytes', 'anon + swap - LazyFree after it'],
  ['epsilonBytes', 'what the counters may be off by'],
  ['takeableBytes', 'what pressure could have taken'],
  ['lazyFreedBytes', 'what the kernel took back'],
  ['unexplainedBytes', 'the gap of the balance sheet'],
] as const satisfies readonly (readonly [keyof Evidence, string])[];

export const missingNumbers = ({evidence}: Case): string[] =>
  NEEDED.filter(([name]) => evidence[name] === undefined).map(([name, meaning]) => `${name} (${meaning})`);

/** Floors, balance and pressure are all known, of every round that was asked for. */
export const isExamined = (facts: Case): facts is Examined =>
  missingNumbers(facts).length === 0 &&
  hasAllRounds(facts) &&
  exhaustedSqueezes(facts).some(squeeze => isUsable(squeeze, facts.evidence.epsilonBytes ?? 0));

export type Examined = Case & {evidence: Evidence & Required<Pick<Evidence, (typeof NEEDED)[number][0]>>};
