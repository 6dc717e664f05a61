import path from 'node:path';
import {Option} from 'commander';
import * as yaml from 'js-yaml';
import {describeRun, type Status} from '../api/status.ts';
import {judge} from '../domain/judge.ts';
import {
  chooseLocalTarget,
  describeForAgent,
  type LocalFacts,
  type LocalTarget,
} from '../domain/local-target.ts';
import type {RecordLine} from '../domain/record.ts';
import type {Method, Settings} from '../domain/settings.ts';
import {messageOf, UsageError} from '../lib/exit.ts';
import {buildRecordCase} from './case-file.ts';
import type {AddCommand, World} from './command.ts';
import {EXIT, type ExitCode, exitCodeOfVerdict} from './exit-code.ts';
import {askAgent, checkMachine} from './local-agent.ts';
import type {OpenFile} from './machine.ts';
import {renderView} from './render.ts';
import {decodeRunFlags, RUN_OPTIONS, type RunFlags} from './run-options.ts';
import {recordRun} from './run-record.ts';
import {viewRun} from './view.ts';

const RUN_FORMATS = ['text', 'json', 'yaml'] as const;
type Flags = RunFlags & {
  pid?: string;
  cgroup?: string;
  record?: string;
  output: (typeof RUN_FORMATS)[number];
};

/** `memoryprobe run`: one probe on this machine, without Kubernetes. */
export const addRun: AddCommand = (program, world, finish) => {
  const command = program
    .command('run')
    .description('probe a service, a container or a process of this machine, without Kubernetes; needs root')
    .option('--pid <number>', 'the target: the service or container of this process')
    .option('--cgroup <directory>', 'the target: a cgroup with all that is in it')
    .option('--record <file>', 'keep what the agent says, as JSON lines for `memoryprobe judge`')
    .addOption(
      new Option('-o, --output <format>', 'how to print it').choices([...RUN_FORMATS]).default('text'),
    );
  for (const {flag, argument, about} of RUN_OPTIONS)
    command.option(argument ? `--${flag} <${argument}>` : `--${flag}`, about);
  command
    .addHelpText(
      'after',
      '\nExit codes: 0 passed, 1 leak, 2 not proven, 3 could not be run to an end, 64 usage.',
    )
    .action(async (flags: Flags) => finish(await runLocally(world, flags)));
};

const runLocally = async (world: World, flags: Flags): Promise<ExitCode> => {
  const named = nameTarget(flags);
  const spec = decodeRunFlags(flags);
  const {machine} = world;
  checkMachine(machine);
  const facts: LocalFacts = JSON.parse(await askAgent(machine, 'locate', named));
  const target = chooseLocalTarget(facts, flags.method as Method | undefined);
  if ('refused' in target) throw new UsageError(target.refused);
  if (target.kind === 'process') world.stderr(`memoryprobe: ${target.note}\n`);
  else await clearAway(world, target.cgroup);
  const settings = buildSettings(spec, target, machine.hostname);
  const record = flags.record === undefined ? undefined : openRecord(world, flags.record);
  try {
    const lines = await recordRun(world, {settings, target: describeForAgent(target), record});
    return announce(world, settings, lines, flags.output);
  } finally {
    record?.close();
  }
};

const nameTarget = ({pid, cgroup}: Flags): Record<string, string> => {
  if ((pid === undefined) === (cgroup === undefined))
    throw new UsageError('give exactly one of --pid and --cgroup: what is to be probed');
  if (cgroup !== undefined) return {TARGET_CGROUP: path.resolve(cgroup)};
  if (!/^[1-9]\d{0,9}$/.test(pid ?? ''))
    throw new UsageError(`--pid is "${pid}": give the number of a process`);
  return {TARGET_PID: pid ?? ''};
};

/** What an earlier run left that was killed at once; where one still works the agent says Busy. */
const clearAway = async ({machine, stderr}: World, cgroup: string): Promise<void> => {
  try {
    const lines = await askAgent(machine, 'repair', {TARGET_CGROUP: cgroup});
    if (lines !== '') stderr(`memoryprobe: put back what an earlier run left: ${lines}\n`);
  } catch (error) {
    if (!messageOf(error).includes('busy boundary=')) throw error;
  }
};

const buildSettings = (
  spec: ReturnType<typeof decodeRunFlags>,
  target: LocalTarget,
  hostname: string,
): Settings => {
  const {pressure, rounds, criteria, guards} = spec;
  const local = target.kind === 'process' ? `process ${target.pid}` : `cgroup ${target.cgroup}`;
  return {
    version: 1,
    probe: {namespace: 'local', name: path.basename(local.replace(' ', '-')), uid: ''},
    target: {podName: '', podUID: '', container: '', containerID: '', nodeName: hostname, local},
    pressure: {...pressure, method: target.method},
    rounds,
    criteria,
    guards,
  };
};

const openRecord = ({machine}: World, file: string): OpenFile => {
  try {
    return machine.openFile(file);
  } catch (error) {
    throw new UsageError(`--record is ${file}, which cannot be written: ${messageOf(error)}`);
  }
};

const announce = (
  world: World,
  settings: Settings,
  lines: RecordLine[],
  output: Flags['output'],
): ExitCode => {
  const found = buildRecordCase(settings, lines);
  const {report} = lines.findLast(line => line.type === 'report') ?? {};
  const verdict = judge(found.case);
  const {nodeName, local = ''} = settings.target;
  const now = new Date(world.clock.now()).toISOString().replace(/\.\d+Z$/, 'Z');
  const status = describeRun(
    {verdict, evidence: found.case.evidence, target: {container: local, nodeName}},
    {startTime: report?.startTime ?? now, endTime: report?.endTime ?? now},
  );
  const code = found.case.failure ? EXIT.notComplete : exitCodeOfVerdict(verdict);
  const view = () => renderView(viewRun({...found, verdict}, status, code));
  world.stdout(output === 'text' ? view() : printStatus(status, output));
  if (report?.restored === false)
    world.stderr('memoryprobe: not everything could be put back: run `memoryprobe repair`\n');
  return code;
};

const printStatus = (status: Status, output: 'json' | 'yaml'): string =>
  output === 'json' ? `${JSON.stringify(status, null, 2)}\n` : yaml.dump(status);
