import type {Evidence} from '../../src/domain/evidence.ts';
import type {Verdict} from '../../src/domain/verdict.ts';
import type {TargetPlan} from './targets.ts';

/** How one target came out: one line of run-targets.ts. */
export type Result = {
  plan: TargetPlan;
  /** Absent where the agent left no report. */
  verdict?: Verdict;
  evidence?: Evidence;
  stderr: string;
  seconds: number;
};
