import type {FailureReason} from '../domain/verdict.ts';

/** Ends a run with a reason of rule 1; `message` is one sentence for people. */
export class AgentFailure extends Error {
  readonly reason: FailureReason;

  constructor(reason: FailureReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AgentFailure';
    this.reason = reason;
  }
}

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined;

/** True where the file, its cgroup or its process does not exist any more (ENODEV: read of a removed cgroup). */
export const isGone = (error: unknown): boolean => {
  const code = codeOf(error);
  return code === 'ENOENT' || code === 'ENODEV' || code === 'ESRCH';
};

/** True where the kernel, or a security module, keeps us from the file. */
export const isRefused = (error: unknown): boolean => {
  const code = codeOf(error);
  return code === 'EACCES' || code === 'EPERM';
};

/** True where this kernel has the file and nothing to put into it: PSI that was switched off. */
export const isNotSupported = (error: unknown): boolean => codeOf(error) === 'EOPNOTSUPP';
