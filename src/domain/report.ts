import type {Evidence} from './evidence.ts';
import type {FailureReason} from './verdict.ts';

/** Rule 1's facts as the agent sees them: it could not run, or is not about one target any more. */
export type Failure = {reason: FailureReason; message: string};

/** All that the agent found: the one input of the verdict besides the spec. */
export type Report = {
  version: 1;
  podUID: string;
  containerID: string;
  /** RFC 3339, whole seconds. */
  startTime: string;
  endTime: string;
  /** False when a limit or a cgroup could not be put back: the operator then sends a repair pod. */
  restored: boolean;
  failure?: Failure;
  evidence: Evidence;
};
