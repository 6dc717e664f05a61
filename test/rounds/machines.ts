import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdirSync, rmSync} from 'node:fs';
import path from 'node:path';
import {createInterface} from 'node:readline';
import type {Result} from './result.ts';
import type {Kind} from './targets.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const PROGRAM = 'test/rounds/run-targets.ts';
const GUEST = 'test/cluster/guest-run';
/** Far above what the guest takes, so that only one that hangs is ended. */
const GUEST_SECONDS = '900';

export type Machine = 'native' | 'guest';
/** So many targets of each kind, so many at a time. */
export type Load = {width: number; counts: Partial<Record<Kind, number>>};

const STARTS: Record<Machine, (words: string[], folder: string) => [string, ...string[]]> = {
  native: words => [process.execPath, PROGRAM, ...words],
  guest: (words, folder) => [
    GUEST,
    ...['-m', '2G', '-t', GUEST_SECONDS, '-w', folder],
    `node --single-threaded ${PROGRAM} ${words.map(word => `'${word}'`).join(' ')}`,
  ],
};

/** Probes the targets there; the records go to build/rounds/NAME. */
export const runMachine = async (machine: Machine, {width, counts}: Load): Promise<Result[]> => {
  const folder = path.join(ROOT, 'build/rounds', machine);
  rmSync(folder, {recursive: true, force: true});
  mkdirSync(folder, {recursive: true});
  const [command, ...options] = STARTS[machine]([folder, String(width), JSON.stringify(counts)], folder);
  const child = spawn(command, options, {cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit']});
  const closed = once(child, 'close');
  const results: Result[] = [];
  for await (const line of createInterface({input: child.stdout})) results.push(JSON.parse(line) as Result);
  const [code] = await closed;
  if (code !== 0) throw new Error(`${machine} ended with code ${code} after ${results.length} targets`);
  return results;
};
