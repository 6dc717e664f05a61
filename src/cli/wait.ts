import type {MemoryProbe} from '../kube/types.ts';
import type {Cluster} from './cluster.ts';
import {type AddCommand, addClusterFlags, type ClusterFlags, type World, withCluster} from './command.ts';
import {parseDuration} from './duration.ts';
import {conditionStatus, EXIT, type ExitCode, exitCodeOfProbe} from './exit-code.ts';

/** `memoryprobe wait NAME`: for gates; the exit code is the answer, one line says it. */
export const addWait: AddCommand = (program, world, finish) => {
  addClusterFlags(program.command('wait <name>'))
    .description('wait until a MemoryProbe is complete; the exit code is the answer')
    .option('--timeout <duration>', 'such as 90s, 10m or 1h30m', '10m')
    .addHelpText(
      'after',
      '\nExit codes: 0 passed, 1 leak, 2 complete but not proven, 3 not complete (timeout, no such probe, no cluster), 64 usage.',
    )
    .action(async (name: string, flags: ClusterFlags & {timeout: string}) => {
      const timeoutMs = parseDuration('--timeout', flags.timeout);
      const code = await withCluster(world, flags, async (cluster, namespace) => {
        // A probe that does not exist, or no cluster, is known at once, and not after the timeout.
        await cluster.get({namespace, name});
        const last = await followToEnd(world, cluster, {namespace, name}, timeoutMs);
        return announce(world, `${namespace}/${name}`, last, flags.timeout);
      });
      finish(code);
    });
};

type End = MemoryProbe | 'gone' | 'timeout';

const followToEnd = async (
  {clock}: World,
  cluster: Cluster,
  ref: {namespace: string; name: string},
  timeoutMs: number,
): Promise<End> => {
  const controller = new AbortController();
  let end: End = 'timeout';
  const settle = (found: End) => {
    end = found;
    controller.abort();
  };
  const cancel = clock.after(timeoutMs, () => controller.abort());
  await cluster.follow(
    ref,
    probe => {
      if (probe === undefined) settle('gone');
      else if (conditionStatus(probe, 'Complete') === 'True') settle(probe);
    },
    controller.signal,
  );
  cancel();
  return end;
};

const announce = (world: World, name: string, end: End, timeout: string): ExitCode => {
  if (end === 'timeout') world.stderr(`memoryprobe: ${name} was not complete after ${timeout}\n`);
  else if (end === 'gone') world.stderr(`memoryprobe: ${name} was deleted before it was complete\n`);
  if (typeof end === 'string') return EXIT.notComplete;
  const {verdict, reason, message} = end.status ?? {};
  world.stdout(`${name}: ${verdict} (${reason}): ${message}\n`);
  return exitCodeOfProbe(end);
};
