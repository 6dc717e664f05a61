import {aboveExpected, acrossExpected, asExpected, withinExpected} from './rules/expectation.ts';
import {failed, observedOnly} from './rules/failure.ts';
import {flat, grows, risesBeside, unclear} from './rules/growth.ts';
import {heldIdle, heldInUse, notExamined, nothingToJudge, reportMissing} from './rules/held.ts';
import {reclaimed} from './rules/reclaimed.ts';
import type {Rule} from './rules/rule.ts';
import {noPressure, protectedTarget, stoppedEarly, unexplained} from './rules/validity.ts';

/** The rules in the order of docs/verdict.md: the first that fires wins. */
export const RULES: readonly Rule[] = [
  failed,
  observedOnly,
  asExpected,
  noPressure,
  protectedTarget,
  grows,
  aboveExpected,
  acrossExpected,
  withinExpected,
  reclaimed,
  stoppedEarly,
  unexplained,
  risesBeside,
  flat,
  unclear,
  nothingToJudge,
  heldIdle,
  heldInUse,
  notExamined,
  reportMissing,
];
