import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {createInterface} from 'node:readline';
import {text} from 'node:stream/consumers';
import type {Agent} from './machine.ts';

/** As in the balloon's image: an instrument that is to weigh little needs no threads beside its own. */
const NODE_FLAGS = ['--single-threaded'];

/** Starts the agent's file; killed with everything else it leaves the rest to the balloon's guardian. */
export const startAgentProcess = (
  file: string,
  subcommand: string | undefined,
  environment: Record<string, string | undefined>,
): Agent => {
  const child = spawn(
    process.execPath,
    [...NODE_FLAGS, file, ...(subcommand === undefined ? [] : [subcommand])],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      env: environment,
    },
  );
  const stderr = text(child.stderr);
  const ended = once(child, 'close').then(async ([exitCode]) => ({exitCode, stderr: (await stderr).trim()}));
  return {lines: createInterface({input: child.stdout}), interrupt: () => void child.kill('SIGINT'), ended};
};
