import {UsageError} from '../lib/exit.ts';
import {EXIT} from './exit-code.ts';
import type {Machine} from './machine.ts';

/** Throws where this machine, or the right to use it, is not there. */
export const checkMachine = ({isRoot, balloon}: Machine): void => {
  if (!isRoot) throw new Error('this needs root: cgroups and other processes are only open to it (sudo)');
  if (!balloon.exists)
    throw new Error(
      `there is no balloon at ${balloon.path}: \`make cli\` puts it next to this program; or name it with BALLOON_PATH`,
    );
};

/** Runs one subcommand of the agent and gives what it printed. Throws what it said on stderr. */
export const askAgent = async (
  machine: Machine,
  subcommand: 'locate' | 'repair',
  variables: Record<string, string>,
): Promise<string> => {
  const agent = machine.startAgent(subcommand, variables);
  const lines: string[] = [];
  for await (const line of agent.lines) lines.push(line);
  const {exitCode, stderr} = await agent.ended;
  if (exitCode === 0) return lines.join('\n');
  throw exitCode === EXIT.usage ? new UsageError(stderr) : new Error(stderr);
};
