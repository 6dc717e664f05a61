import type {Evidence} from './evidence.ts';
import type {Criteria, Method, RoundSettings} from './settings.ts';

export type Outcome = 'Reclaimable' | 'Leak' | 'Held' | 'Inconclusive';

/** Reasons of rule 1, in the order of design: it could not run, or it is not about one target any more. */
export const FAILURE_REASONS = [
  'SpecInvalid',
  'TargetNotFound',
  'TargetNotRunning',
  'ContainerNotFound',
  'ContainerAmbiguous',
  'NoPodMatches',
  'TargetNotAllowed',
  'NotPermitted',
  'StopSwitch',
  'Uninstalled',
  'BalloonUnschedulable',
  'BalloonImage',
  'BalloonFailed',
  'Busy',
  'BoundaryChanged',
  'TargetChanged',
  'TargetGone',
  'ReportMissing',
  'DeadlineExceeded',
] as const;
export type FailureReason = (typeof FAILURE_REASONS)[number];

export type ConditionStatus = 'True' | 'False' | 'Unknown';

/** The end of a probe: written once, never changed (invariant I4). */
export type Verdict = {
  outcome: Outcome;
  /** CamelCase; docs/verdict.md has a paragraph on each. */
  reason: string;
  /** One sentence with the numbers. */
  message: string;
  /** Status of the condition Passed. */
  passed: ConditionStatus;
};

/** What the rules look at. */
export type Case = {
  method: Method;
  criteria: Criteria;
  rounds: RoundSettings;
  evidence: Evidence;
  failure?: {reason: FailureReason; message: string};
};
