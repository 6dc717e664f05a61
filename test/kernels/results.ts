import type {Case} from './cases.ts';
import type {Result} from './result.ts';

const CASE: Case = {
  workload: 'lazily freed',
  machine: '6.1',
  method: 'Balloon',
  swap: 'none',
  pages: 'small',
  reclaim: 'classic',
  layout: 'systemd',
  podLimit: 'none',
};

/** How a case might have come out. */
export const makeResult = (
  outcome: Result['outcome'],
  reason: string,
  change: Partial<Case> = {},
  evidence: Result['evidence'] = {},
): Result => ({
  case: {...CASE, ...change},
  outcome,
  reason,
  message: 'So it is.',
  evidence,
  restored: true,
  stderr: '',
  harm: [],
  swappedOutBytes: 0,
  seconds: 1,
});
