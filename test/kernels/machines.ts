import {execFile} from 'node:child_process';
import {mkdirSync, rmSync} from 'node:fs';
import path from 'node:path';
import {promisify} from 'node:util';
import type {Case, MachineName} from './cases.ts';
import type {Facts} from './kernel.ts';
import type {Line, Result} from './result.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const PROGRAM = 'build/kernels/run-cases.js';
const GUEST = 'test/cluster/guest-run';
const EMULATED = 'test/kernels/kernel-run';
/** Far above what a machine takes, so that only one that hangs is ended. */
const SECONDS = '480';

type Start = (folder: string, cases: string) => [command: string, ...options: string[]];

const emulate =
  (series: string, ...options: string[]): Start =>
  (folder, cases) => [
    EMULATED,
    ...['-k', series, '-t', SECONDS, '-w', folder, ...options],
    `node ${PROGRAM} /share/out '${cases}'`,
  ];

/** How cases get onto each kernel. */
const STARTS: Record<MachineName, Start> = {
  native: (folder, cases) => [process.execPath, PROGRAM, folder, cases],
  guest: (folder, cases) => [
    GUEST,
    ...['-m', '1536M', '-t', SECONDS, '-w', folder],
    `node --single-threaded ${PROGRAM} ${folder} '${cases}'`,
  ],
  '6.1': emulate('6.1'),
  '6.1 v1': emulate('6.1', '-a', 'cgroup=v1'),
  '6.12': emulate('6.12'),
};

export type MachineRun = {machine: MachineName; facts: Facts; results: Result[]};

/** Runs a machine's cases, the ones with the same kernel settings in a row; the records go to build/kernels/NAME. */
export const runMachine = async (machine: MachineName, cases: readonly Case[]): Promise<MachineRun> => {
  const folder = path.join(ROOT, 'build/kernels', machine.replaceAll(' ', '-'));
  rmSync(folder, {recursive: true, force: true});
  mkdirSync(folder, {recursive: true});
  const [command, ...options] = STARTS[machine](folder, JSON.stringify(cases.toSorted(byKernel)));
  const {stdout} = await promisify(execFile)(command, options, {cwd: ROOT, maxBuffer: 1 << 24});
  const lines = stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Line);
  const facts = lines.flatMap(line => (line.type === 'facts' ? [line.facts] : []))[0];
  if (facts === undefined) throw new Error(`${machine} said nothing of its kernel: ${stdout}`);
  return {machine, facts, results: lines.flatMap(line => (line.type === 'result' ? [line.result] : []))};
};

const byKernel = (one: Case, other: Case): number => (kernelOf(one) < kernelOf(other) ? -1 : 1);
const kernelOf = ({swap, pages, reclaim}: Case): string => `${swap} ${pages} ${reclaim}`;
