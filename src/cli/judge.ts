import {Option} from 'commander';
import {judge} from '../domain/judge.ts';
import {messageOf, UsageError} from '../lib/exit.ts';
import {parseCaseFile} from './case-file.ts';
import {type AddCommand, FORMATS, type Format, printView, type World} from './command.ts';
import {exitCodeOfVerdict} from './exit-code.ts';
import {viewVerdict} from './view.ts';

/** `memoryprobe judge FILE`: the same verdict from the same evidence, anywhere, later, without a cluster. */
export const addJudge: AddCommand = (program, world, finish) => {
  program
    .command('judge <file>')
    .description("judge an agent's JSON lines, or a MemoryProbe's YAML, again; - reads standard input")
    .addOption(new Option('-o, --output <format>', 'how to print it').choices([...FORMATS]).default('text'))
    .action(async (file: string, {output}: {output: Format}) => {
      const found = parseCaseFile(await readFile(world, file));
      const verdict = judge(found.case);
      world.stdout(printView(viewVerdict({...found, verdict}), found.case.evidence, output));
      finish(exitCodeOfVerdict(verdict));
    });
};

const readFile = async (world: World, file: string): Promise<string> => {
  try {
    return await world.readText(file);
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${messageOf(error)}`);
  }
};
