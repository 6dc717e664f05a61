import {Command, CommanderError} from 'commander';
import {SpecError} from '../api/fields.ts';
import {messageOf, UsageError} from '../lib/exit.ts';
import type {AddCommand, World} from './command.ts';
import {EXIT, type ExitCode} from './exit-code.ts';
import {addExplain} from './explain.ts';
import {addJudge} from './judge.ts';
import {addRepair} from './repair.ts';
import {addRun} from './run.ts';
import {addWait} from './wait.ts';

const COMMANDS: readonly AddCommand[] = [addExplain, addWait, addRun, addJudge, addRepair];

/** Runs one command line; never throws. Exit codes: src/cli/exit-code.ts. */
export const run = async (name: string, args: string[], world: World): Promise<ExitCode> => {
  let code: ExitCode = EXIT.passed;
  const program = new Command(name)
    .description('Is it a leak, or memory that the kernel could take back whenever it wanted?')
    .version(world.version)
    .configureOutput({writeOut: world.stdout, writeErr: world.stderr})
    .exitOverride();
  for (const add of COMMANDS)
    add(program, world, finished => {
      code = finished;
    });
  for (const command of program.commands) command.copyInheritedSettings(program);
  try {
    await program.parseAsync(args, {from: 'user'});
    return code;
  } catch (thrown) {
    return explainFault(thrown, world);
  }
};

const explainFault = (thrown: unknown, world: World): ExitCode => {
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.passed : EXIT.usage;
  world.stderr(`memoryprobe: ${messageOf(thrown)}\n`);
  return thrown instanceof UsageError || thrown instanceof SpecError ? EXIT.usage : EXIT.notComplete;
};
