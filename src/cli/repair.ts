import path from 'node:path';
import type {AddCommand} from './command.ts';
import {EXIT} from './exit-code.ts';
import {askAgent, checkMachine} from './local-agent.ts';

/** `memoryprobe repair`: puts back what a run left whose processes were all killed at once. */
export const addRepair: AddCommand = (program, world, finish) => {
  program
    .command('repair')
    .description('put back what a run left that was killed with all its processes; needs root')
    .option('--cgroup <directory>', 'only around this target (default: everywhere)')
    .action(async ({cgroup}: {cgroup?: string}) => {
      checkMachine(world.machine);
      const variables = cgroup === undefined ? {} : {TARGET_CGROUP: path.resolve(cgroup)};
      const lines = await askAgent(world.machine, 'repair', variables);
      world.stdout(`${lines || 'nothing was left'}\n`);
      finish(EXIT.passed);
    });
};
