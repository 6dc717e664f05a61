import {execFileSync, spawn, spawnSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import path from 'node:path';
import {createInterface} from 'node:readline';
import type {ExecutionContext} from 'ava';
import {isGone as isMissing} from '../../src/agent/failure.ts';
import {HELD_MIB, LAZY_MIB, MIB, type Pod, until} from './pod.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const BUILD = path.join(ROOT, 'build/balloon');
export const BALLOON = path.join(BUILD, 'balloon');
/** The same with AddressSanitizer and UndefinedBehaviorSanitizer. */
export const SANITIZED = path.join(BUILD, 'balloon-sanitized');

/** Builds what the tests run; make knows when there is nothing to do. */
export const buildPrograms = (): void => {
  execFileSync('make', ['--silent', 'balloon', 'balloon-sanitized', 'balloon-fixtures'], {cwd: ROOT});
};

const END = '';

/** A program that is spoken to in lines. */
export type Program = {
  pid: number;
  /** Sends a line and gives the next one that comes back. */
  ask: (line: string) => Promise<string>;
  send: (line: string) => void;
  nextLine: () => Promise<string>;
  endInput: () => void;
  kill: (signal?: NodeJS.Signals) => void;
  /** Exit code, or the signal that ended it. */
  exited: Promise<number | NodeJS.Signals>;
  stderr: () => string;
};

const start = (t: ExecutionContext, command: string, words: string[]): Program => {
  const child = spawn(command, words, {stdio: 'pipe'});
  const lines: string[] = [];
  let stderr = '';
  createInterface({input: child.stdout}).on('line', line => lines.push(line));
  child.stderr.setEncoding('utf8').on('data', chunk => {
    stderr += chunk;
  });
  child.stdin.on('error', () => undefined); // its exit says more than EPIPE
  const exited = new Promise<number | NodeJS.Signals>(resolve => {
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 0));
  });
  const kill = (signal: NodeJS.Signals = 'SIGKILL') => void child.kill(signal);
  t.teardown(async () => {
    kill();
    await exited;
  });
  let ended = false;
  child.once('close', () => {
    ended = true;
  });
  const nextLine = async () => {
    const line = await until(`a line of ${path.basename(command)}`, () => lines.shift() ?? (ended && END));
    if (line === END) throw new Error(`${path.basename(command)} ended: ${stderr}`);
    return line;
  };
  const send = (line: string) => void child.stdin.write(`${line}\n`);
  const ask = (line: string) => {
    send(line);
    return nextLine();
  };
  return {
    pid: child.pid ?? 0,
    ask,
    send,
    nextLine,
    endInput: () => void child.stdin.end(),
    kill,
    exited,
    stderr: () => stderr,
  };
};

/** A target in the pod's container: test/balloon/fixtures/target.c. */
export const startTarget = async (
  t: ExecutionContext,
  pod: Pod,
  words = [LAZY_MIB, HELD_MIB],
): Promise<Program> => {
  const enter = 'echo $$ > "$0/cgroup.procs"; exec "$@"';
  const target = start(t, 'sh', [
    '-c',
    enter,
    pod.container,
    path.join(BUILD, 'target'),
    ...words.map(String),
  ]);
  await target.nextLine();
  return target;
};

/** A balloon beside it. `line` is its first answer. */
export type Balloon = Program & {line: string};

/** What a balloon is started with; a setting that is undefined in `extra` is left out. */
export type Settings = Record<string, string | number | undefined>;

export const settingsFor = ({version, root, pod, container}: Pod, extra: Settings = {}): string[] =>
  Object.entries({
    boundary: pod,
    target: container,
    version,
    root,
    'cap-bytes': (LAZY_MIB + 200) * MIB,
    'deadline-ms': 30_000,
    'min-node-available-bytes': 100 * MIB,
    ...extra,
  })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `--${name}=${value}`);

export const startBalloon = async (
  t: ExecutionContext,
  pod: Pod,
  extra: Settings = {},
  binary = BALLOON,
): Promise<Balloon> => {
  const program = start(t, binary, settingsFor(pod, extra));
  return {...program, line: await program.nextLine()};
};

/** The number under a key of a line: `numberOf('inflated bytes=4096 us=12', 'us')` is 12. */
export const numberOf = (line: string, key: string): number =>
  Number(new RegExp(`(?:^| )${key}=(\\d+)`).exec(line)?.[1]);

/** Runs the binary to its end: `repair`, or settings that it refuses. */
export const run = (
  words: string[],
  binary = BALLOON,
): {code: number | null; stdout: string; stderr: string} => {
  const {status, stdout, stderr} = spawnSync(binary, words, {encoding: 'utf8', timeout: 20_000});
  return {code: status, stdout: stdout.trim(), stderr: stderr.trim()};
};

export const repair = ({pod, version}: Pod) => run(['repair', `--boundary=${pod}`, `--version=${version}`]);

/** Dead, or a zombie that waits for its parent. */
export const isGone = (pid: number): boolean => {
  try {
    return /\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch (error) {
    return isMissing(error);
  }
};
