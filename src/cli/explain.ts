import {Option} from 'commander';
import {
  type AddCommand,
  addClusterFlags,
  type ClusterFlags,
  FORMATS,
  type Format,
  identityOf,
  printView,
  withCluster,
} from './command.ts';
import {EXIT} from './exit-code.ts';
import {viewProbe} from './view.ts';

/** `memoryprobe explain NAME`: the verdict, its numbers, the picture of the proof, and what to do next. */
export const addExplain: AddCommand = (program, world, finish) => {
  addClusterFlags(program.command('explain <name>'))
    .description('the verdict of a MemoryProbe, its numbers, the picture of the proof, and what to do next')
    .addOption(new Option('-o, --output <format>', 'how to print it').choices([...FORMATS]).default('text'))
    .action(async (name: string, flags: ClusterFlags & {output: Format}) => {
      const probe = await withCluster(world, flags, (cluster, namespace) => cluster.get({namespace, name}));
      world.stdout(printView(viewProbe(identityOf(probe), probe), probe.status?.evidence, flags.output));
      finish(EXIT.passed);
    });
};
