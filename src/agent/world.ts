import {setTimeout as wait} from 'node:timers/promises';
import type {RecordLine} from '../domain/record.ts';
import type {Config} from './config.ts';
import {AgentFailure} from './failure.ts';
import type {Machine} from './machine.ts';

/** All that a run has from outside: the same run serves a balloon pod, a command on one machine and the tests. */
export type World = {
  config: Config;
  machine: Machine;
  wallClock: () => Date;
  monotonicMilliseconds: () => number;
  /** Aborted, with an AgentFailure as its reason, when the run is to end. */
  signal: AbortSignal;
  writeLine: (line: RecordLine) => void;
  /** Takes the report as it stands: the termination message of a pod. */
  writeMessage: (text: string) => void;
};

/** Time that a run has left; every wait of it ends at the deadline. */
export type Deadline = {
  remainingMilliseconds: () => number;
  check: () => void;
  pause: (milliseconds: number) => Promise<void>;
};

/** Its `check` and `pause` throw DeadlineExceeded, or the reason why the run is to end. */
export const setDeadline = ({monotonicMilliseconds, signal}: World, deadlineSeconds: number): Deadline => {
  const end = monotonicMilliseconds() + deadlineSeconds * 1000;
  const remainingMilliseconds = (): number => Math.max(0, end - monotonicMilliseconds());
  const check = (): void => {
    signal.throwIfAborted();
    if (remainingMilliseconds() > 0) return;
    throw new AgentFailure(
      'DeadlineExceeded',
      `the probe was not done after ${deadlineSeconds} s (deadlineSeconds)`,
    );
  };
  const pause = async (milliseconds: number): Promise<void> => {
    check();
    const length = Math.min(Math.max(0, milliseconds), remainingMilliseconds());
    await wait(length, undefined, {signal}).catch(() => signal.throwIfAborted());
    check();
  };
  return {remainingMilliseconds, check, pause};
};
