import {type ChildProcess, spawn} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {createInterface} from 'node:readline';
import {type Scope, startProgramTarget, type TestTarget, WORKLOAD} from '../agent/cgroups.ts';

const CLIENT = path.resolve(import.meta.dirname, '../../build/latency/requests');
/**
 * Server and client run ahead of all others, and of the guardian: a busy machine's wait for a CPU is no effect of a probe, and
 * what a probe does to a target's memory and its locks shows all the same.
 */
const AHEAD = ['chrt', '--fifo', '2'];

/** One request: when it was due, and how long after that it was answered. */
export type Request = {dueMilliseconds: number; tookMicroseconds: number};

/** As a container runtime starts it: with what it has of a CPU, and no more. */
export const AS_EVERYBODY: string[] = [];

/** A served target in cgroups of its own, and whoever asks it, in none of them. `collect` gives all requests since the last. */
export type Served = {target: TestTarget; collect: () => Promise<Request[]>};

export const startServed = async (
  t: Scope,
  options: string[],
  periodMicroseconds: number,
  how = AHEAD,
): Promise<Served> => {
  const directory = mkdtempSync(path.join(tmpdir(), 'served-'));
  t.teardown(() => rmSync(directory, {recursive: true}));
  const socket = path.join(directory, 'socket');
  const server = [...how, WORKLOAD, ...options, `--serve=${socket}`];
  const target = await startProgramTarget(t, server, process.env);
  const [command = '', ...words] = [...AHEAD, CLIENT, socket, String(periodMicroseconds)];
  const client = spawn(command, words, {stdio: ['pipe', 'pipe', 'inherit']});
  t.teardown(() => client.kill('SIGKILL'));
  const nextLine = readLines(client);
  await nextLine();
  const collect = async (): Promise<Request[]> => {
    client.stdin.write('collect\n');
    return parseRequests(await nextLine());
  };
  return {target, collect};
};

const readLines = ({stdout}: ChildProcess & {stdout: NodeJS.ReadableStream}): (() => Promise<string>) => {
  const lines = createInterface({input: stdout})[Symbol.asyncIterator]();
  return async () => {
    const {value, done} = await lines.next();
    if (done) throw new Error('the client of a served target ended');
    return value;
  };
};

/** `requests 1764108000000000:312 1764108000002000:298` */
const parseRequests = (line: string): Request[] =>
  line
    .split(' ')
    .slice(1)
    .map(word => {
      const [due = Number.NaN, tookMicroseconds = Number.NaN] = word.split(':').map(Number);
      return {dueMilliseconds: due / 1000, tookMicroseconds};
    });
