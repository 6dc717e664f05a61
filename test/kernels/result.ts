import type {Evidence} from '../../src/domain/evidence.ts';
import type {Outcome} from '../../src/domain/verdict.ts';
import type {Case} from './cases.ts';
import type {Facts} from './kernel.ts';

/** How one case came out. */
export type Result = {
  case: Case;
  outcome: Outcome;
  reason: string;
  message: string;
  evidence: Evidence;
  /** What the agent says of itself. */
  restored: boolean;
  stderr: string;
  /** What was seen from outside: nothing, or one line for each. */
  harm: string[];
  /** By the whole machine while the agent ran. */
  swappedOutBytes: number;
  seconds: number;
};

/** What run-cases.ts prints. */
export type Line = {type: 'facts'; facts: Facts} | {type: 'result'; result: Result};
