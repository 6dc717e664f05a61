import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {type HugePages, parseHugePageRoom} from '../domain/huge-page-room.ts';
import {parseProgram, parseStartSeconds} from '../domain/proc-stat.ts';
import {parseAllowedCpus} from '../domain/process-status.ts';
import {parseSmaps, parseSmapsRollup, type SmapsSums} from '../domain/smaps.ts';
import type {Bytes} from '../domain/units.ts';
import {listTree} from './cgroup-tree.ts';
import {isGone} from './failure.ts';
import {readPages, type WalkConfig} from './page-walk.ts';

/** One process for good: a pid is used again, a pid with its start is not. `program` is another after an exec. */
export type Process = {pid: number; startSeconds: number; program: string};

/** The processes of a cgroup and of all below it. Threads' parents only: zombies and kernel threads are not there. */
export const listProcesses = (cgroup: string, procRoot: string): Process[] =>
  listPids(cgroup).flatMap(pid => {
    const stat = readProcFile(procRoot, pid, 'stat') ?? '';
    const startSeconds = parseStartSeconds(stat);
    return startSeconds === undefined ? [] : [{pid, startSeconds, program: parseProgram(stat)}];
  });

/**
 * Sums of smaps_rollup over processes; undefined where one of them could not be read, or this kernel has no such file:
 * a sum that misses somebody says nothing. A process that ended meanwhile has nothing.
 */
export const sumRollups = (processes: Process[], config: WalkConfig): SmapsSums | undefined =>
  sum(processes, config, 'smaps_rollup', parseSmapsRollup);

/** The same over the anonymous mappings alone, from the much longer smaps. */
export const sumAnonymous = (processes: Process[], config: WalkConfig): SmapsSums | undefined =>
  sum(processes, config, 'smaps', parseSmaps);

/** Where huge pages could be made of what the processes have, in their anonymous mappings. */
export const sumHugePageRoom = (
  processes: Process[],
  config: WalkConfig,
  hugePages: HugePages,
): Bytes | undefined =>
  sum(processes, config, 'smaps', text => parseHugePageRoom(text, hugePages))?.hugePageRoomBytes;

const sum = (
  processes: Process[],
  config: WalkConfig,
  name: string,
  parse: (text: string) => SmapsSums | undefined,
): SmapsSums | undefined => {
  const sums: SmapsSums = {};
  const pids = processes.map(({pid}) => pid);
  for (const [index, text = ''] of readPages(config, pids, name).entries()) {
    const process = parse(text);
    if (process !== undefined) addSums(sums, process);
    else if (isAlive(config.procRoot, pids[index] ?? 0)) return undefined;
  }
  return sums;
};

const addSums = (sums: SmapsSums, more: SmapsSums): void => {
  for (const key of Object.keys(more) as (keyof SmapsSums)[]) sums[key] = (sums[key] ?? 0) + (more[key] ?? 0);
};

/** A process's file; undefined where the process is gone or has no memory any more. */
export const readProcFile = (procRoot: string, pid: number, name: string): string | undefined => {
  try {
    return readFileSync(path.join(procRoot, String(pid), name), 'latin1');
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
};

/** Every CPU that one of a process's threads may run on; undefined where the kernel does not tell, none where it is gone. */
export const listAllowedCpus = (pid: number, procRoot: string): number[] | undefined => {
  const cpus = listThreads(pid, procRoot).flatMap(thread => {
    const status = readProcFile(procRoot, pid, path.join('task', thread, 'status'));
    return status === undefined ? [] : [parseAllowedCpus(status)];
  });
  return cpus.every(list => list !== undefined) ? [...new Set(cpus.flat())] : undefined;
};

const listThreads = (pid: number, procRoot: string): string[] => {
  try {
    return readdirSync(path.join(procRoot, String(pid), 'task'));
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
};

const listPids = (cgroup: string): number[] =>
  listTree(cgroup).flatMap(directory => {
    try {
      return readFileSync(path.join(directory, 'cgroup.procs'), 'latin1')
        .split('\n')
        .filter(Boolean)
        .map(Number);
    } catch (error) {
      if (isGone(error)) return [];
      throw error;
    }
  });

const isAlive = (procRoot: string, pid: number): boolean =>
  isRunning(readProcFile(procRoot, pid, 'stat') ?? '');

/** A zombie counts as gone: it has no memory. */
const isRunning = (stat: string): boolean => /\) [^ZX] /.test(stat);

/** Whether that very process still runs. */
export const isSame = ({pid, startSeconds}: Process, procRoot: string): boolean => {
  const stat = readProcFile(procRoot, pid, 'stat') ?? '';
  return parseStartSeconds(stat) === startSeconds && isRunning(stat);
};

/** Whether the same processes, running the same programs, stand in two lists. */
export const areSame = (before: Process[], after: Process[]): boolean =>
  before.map(toKey).sort().join() === after.map(toKey).sort().join();

const toKey = ({pid, startSeconds, program}: Process): string => `${pid}@${startSeconds}/${program}`;
