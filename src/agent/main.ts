import {writeFileSync} from 'node:fs';
import {encodeLine} from '../domain/record.ts';
import {findHierarchy} from './cgroup-tree.ts';
import {type Config, readConfig, readSettings, readSubcommand, UsageError} from './config.ts';
import {AgentFailure} from './failure.ts';
import {findRemains, locate} from './locate.ts';
import {readMachine} from './machine.ts';
import {lookAtProcess} from './process-look.ts';
import {repair} from './restoration.ts';
import {runProbe} from './run.ts';
import type {World} from './world.ts';

const EXIT_USAGE = 64;

const main = async (): Promise<void> => {
  const config = readConfig();
  const subcommand = readSubcommand();
  if (subcommand === 'repair') return repairNode(config);
  if (subcommand === 'locate') return void process.stdout.write(`${JSON.stringify(locate(config))}\n`);
  const {targetPid} = config;
  if (targetPid === undefined) await runProbe(readSettings(), buildWorld(config));
  else await lookAtProcess(readSettings(), buildWorld(config), targetPid);
};

/** Puts right what balloons left whose agents, guardians and workers all died: on this node, or around one cgroup. */
const repairNode = async ({balloonPath, cgroupRoot, targetCgroup}: Config): Promise<void> => {
  const {version, root} = findHierarchy(cgroupRoot);
  const places =
    targetCgroup === undefined
      ? [['--all', `--root=${root}`]]
      : findRemains({version, root}, targetCgroup).map(directory => [`--boundary=${directory}`]);
  for (const place of places) {
    const lines = await repair(balloonPath, [...place, `--version=${version}`]);
    if (lines !== '') process.stdout.write(`${lines}\n`);
  }
};

const buildWorld = (config: Config): World => {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () =>
      stop.abort(
        new AgentFailure('BalloonFailed', `the agent was told to stop (${signal}) before it was done`),
      ),
    );
  }
  return {
    config,
    machine: readMachine(config.procRoot),
    wallClock: () => new Date(),
    monotonicMilliseconds: () => performance.now(),
    signal: stop.signal,
    writeLine: line => void process.stdout.write(encodeLine(line)),
    writeMessage: text => writeFileSync(config.terminationLog, text),
  };
};

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof UsageError ? EXIT_USAGE : 1;
});
