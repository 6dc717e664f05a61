/**
 * Runs cases on the kernel that it is on, one after the other, and prints one JSON line for each, the kernel's facts first.
 * Usage: node run-cases.js FOLDER CASES: FOLDER takes one record a case, and the files of the workloads; CASES is JSON.
 */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {closeSync, openSync, readFileSync, rmSync} from 'node:fs';
import path from 'node:path';
import {buildCase, judge} from '../../src/domain/judge.ts';
import {parseLine} from '../../src/domain/record.ts';
import type {Report} from '../../src/domain/report.ts';
import {MIB} from '../../src/domain/units.ts';
import {commandIn, settingsFor, type Wishes} from '../agent/agent.ts';
import {BALLOON, limitPod, readUsage, startWorkload} from '../agent/cgroups.ts';
import {type Case, describeCase, WORKLOADS, type Workload} from './cases.ts';
import {readFacts, readSwappedOut, setKernel} from './kernel.ts';
import {makeContainerID, makePod, noteState, protectContainer, removePods} from './pod.ts';
import type {Line, Result} from './result.ts';

const AGENT = path.resolve(import.meta.dirname, '../bundle/agent.js');
/** Between what the pod uses and its limit, where the limit is near. */
const ROOM_BYTES = 48 * MIB;
/** An emulated machine is slow, and a case is not about time. */
const DEADLINE_SECONDS = 120;

const main = async (folder: string, cases: Case[]): Promise<void> => {
  print({type: 'facts', facts: readFacts()});
  for (const one of cases) {
    if (one.machine !== 'native') setKernel(one);
    print({type: 'result', result: await runCase(one, folder)});
  }
};

const print = (line: Line): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

const runCase = async (one: Case, folder: string): Promise<Result> => {
  const startMilliseconds = performance.now();
  const containerID = makeContainerID();
  const pod = makePod(one.layout, containerID);
  const file = path.join(folder, 'cache');
  try {
    const workload = await startWorkload(pod.container, [
      ...WORKLOADS[one.workload].options,
      `--file=${file}`,
      ...(one.pages === 'huge' ? ['--huge-pages=1'] : []),
    ]);
    const {criteria, isProtected} = WORKLOADS[one.workload] as Workload;
    if (isProtected) protectContainer(pod, 2 * readUsage(pod, 'container'));
    if (one.podLimit === 'near') limitPod(pod, readUsage(pod, 'container') + ROOM_BYTES);
    const listHarm = noteState(pod, workload.pid);
    const swappedOutBytes = readSwappedOut();
    const probed = await probe(one, criteria, folder, containerID);
    const result = {...probed, swappedOutBytes: readSwappedOut() - swappedOutBytes};
    const seconds = Math.round(performance.now() - startMilliseconds) / 1000;
    return {...result, harm: listHarm(), seconds};
  } finally {
    await removePods();
    rmSync(file, {force: true});
  }
};

const probe = async (
  one: Case,
  criteria: Workload['criteria'],
  folder: string,
  containerID: string,
): Promise<Omit<Result, 'harm' | 'seconds' | 'swappedOutBytes'>> => {
  const settings = settingsFor({...wishFor(one.method), ...(criteria && {criteria})});
  const record = path.join(folder, `${describeCase(one).replaceAll(/[ ,]+/g, '-')}.jsonl`);
  const stderr = await runAgent(
    JSON.stringify({...settings, target: {...settings.target, containerID: `containerd://${containerID}`}}),
    record,
    one.method === 'Node' ? makePod(one.layout, makeContainerID()).container : undefined,
  );
  const report = readReport(record);
  const {outcome, reason, message} = report
    ? judge(buildCase(settings, report))
    : ({outcome: 'Inconclusive', reason: 'ReportMissing', message: 'There is no report.'} as const);
  return {
    case: one,
    outcome,
    reason,
    message,
    stderr,
    restored: report?.restored ?? false,
    evidence: report?.evidence ?? {},
  };
};

/** A machine for tests keeps nothing back: its floor is the least that there is, 64 MiB. */
const wishFor = (method: Case['method']): Wishes =>
  method === 'Node'
    ? {
        pressure: {scope: 'Node', method: 'Balloon'},
        guards: {deadlineSeconds: DEADLINE_SECONDS, minNodeAvailable: {bytes: 0}},
        nodeReservedBytes: 0,
      }
    : {pressure: {method}, guards: {deadlineSeconds: DEADLINE_SECONDS}};

/** The agent as a node has it: its bundle in a process of its own, in a pod of its own. Gives what it complained of. */
const runAgent = async (settings: string, record: string, cgroup: string | undefined): Promise<string> => {
  const output = openSync(record, 'w');
  const message = `${record}.message`;
  const [command, ...options] = commandIn(cgroup, [process.execPath, AGENT]);
  const child = spawn(command, options, {
    stdio: ['ignore', output, 'pipe'],
    env: {...process.env, MEMORYPROBE_SETTINGS: settings, BALLOON_PATH: BALLOON, TERMINATION_LOG: message},
  });
  closeSync(output);
  let stderr = '';
  child.stderr?.on('data', chunk => {
    stderr += chunk;
  });
  await once(child, 'close');
  rmSync(message, {force: true});
  return stderr;
};

const readReport = (record: string): Report | undefined => {
  const lines = readFileSync(record, 'utf8')
    .split('\n')
    .flatMap(line => parseLine(line) ?? []);
  const last = lines.findLast(line => line.type === 'report');
  return last?.report;
};

const [folder, cases] = process.argv.slice(2);
if (folder === undefined || cases === undefined) {
  process.stderr.write('usage: run-cases.js FOLDER CASES\n');
  process.exit(64);
}
await main(path.resolve(folder), JSON.parse(cases));
