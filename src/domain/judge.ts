import type {Report} from './report.ts';
import {inconclusive} from './rules/rule.ts';
import {RULES} from './rules.ts';
import type {Settings} from './settings.ts';
import type {Case, Verdict} from './verdict.ts';

/** The verdict on a case: always one, and the same for the same case. */
export const judge = (facts: Case): Verdict =>
  RULES.reduce<Verdict | undefined>((verdict, rule) => verdict ?? rule(facts), undefined) ??
  inconclusive('ReportMissing', 'No verdict: no rule applies to this report.');

/** What the rules look at, from what the agent was told and what it found. */
export const buildCase = (
  {pressure, criteria, rounds}: Pick<Settings, 'pressure' | 'criteria' | 'rounds'>,
  {evidence, failure}: Pick<Report, 'evidence' | 'failure'>,
): Case => ({method: pressure.method, criteria, rounds, evidence, ...(failure && {failure})});
