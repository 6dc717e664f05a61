import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdirSync, rmSync} from 'node:fs';
import path from 'node:path';
import {createInterface} from 'node:readline';
import type {Result} from './result.ts';
import {type Kind, planTargets, type TargetPlan} from './targets.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const PROGRAM = 'test/rounds/run-targets.ts';
const GUEST = 'test/cluster/guest-run';
/** Far above what a guest takes, so that only one that hangs is ended. */
const GUEST_SECONDS = '2400';

/** This one, and the guest kernel with cgroup v2. */
export type Machine = 'native' | 'guest';
/** So many targets of each kind, so many at a time; shared out among so many of the machine, which run at once. */
export type Load = {width: number; machines?: number; counts: Partial<Record<Kind, number>>};

type Words = [string, ...string[]];

const STARTS: Record<Machine, (folder: string, width: string, plans: string) => Words> = {
  native: (...words) => [process.execPath, PROGRAM, ...words],
  guest: (folder, width, plans) => [
    GUEST,
    ...['-m', '2G', '-t', GUEST_SECONDS, '-w', folder],
    `node --single-threaded ${PROGRAM} '${folder}' ${width} '${plans}'`,
  ],
};

/** Probes the targets there; the records go to build/rounds/NAME. */
export const runMachine = async (
  machine: Machine,
  {width, machines = 1, counts}: Load,
): Promise<Result[]> => {
  const folder = path.join(ROOT, 'build/rounds', machine);
  rmSync(folder, {recursive: true, force: true});
  mkdirSync(folder, {recursive: true});
  const plans = planTargets(counts);
  const share = Math.ceil(plans.length / machines);
  const shares = Array.from({length: machines}, (_, index) =>
    plans.slice(index * share, (index + 1) * share),
  );
  const run = (its: TargetPlan[]) => runShare(STARTS[machine](folder, String(width), JSON.stringify(its)));
  return (await Promise.all(shares.map(run))).flat();
};

const runShare = async ([command, ...options]: Words): Promise<Result[]> => {
  const child = spawn(command, options, {cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit']});
  const closed = once(child, 'close');
  const results: Result[] = [];
  for await (const line of createInterface({input: child.stdout})) results.push(JSON.parse(line) as Result);
  const [code] = await closed;
  if (code !== 0) throw new Error(`${command} ended with code ${code} after ${results.length} targets`);
  return results;
};
