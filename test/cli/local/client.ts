import {type ChildProcess, execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import path from 'node:path';
import {text} from 'node:stream/consumers';

const ROOT = path.resolve(import.meta.dirname, '../../..');
/** As a person types it, from what `make cli` built. */
const PROGRAM = path.join(ROOT, 'build/cli/memoryprobe');

export const buildClient = (): void => void execFileSync('make', ['--silent', 'cli'], {cwd: ROOT});

export type Ended = {code: number | null; stdout: string; stderr: string};
export type Call = {child: ChildProcess; end: Promise<Ended>};

/** Starts the command line client; `end` is what it said and how it ended. */
export const start = (args: string[]): Call => {
  const child = spawn(PROGRAM, args, {stdio: ['ignore', 'pipe', 'pipe']});
  const [stdout, stderr] = [text(child.stdout), text(child.stderr)];
  const end = once(child, 'close').then(async ([code]) => ({
    code,
    stdout: await stdout,
    stderr: await stderr,
  }));
  return {child, end};
};

/** One local run to its end. */
export const run = (args: string[]): Promise<Ended> => start(['run', ...args]).end;
