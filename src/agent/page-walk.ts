import {spawnSync} from 'node:child_process';
import path from 'node:path';
import type {Config} from './config.ts';
import {AgentFailure, isGone} from './failure.ts';

/** Where processes are, and the program that walks over their pages ahead of everybody (images/balloon/PROTOCOL.md). */
export type WalkConfig = Pick<Config, 'procRoot' | 'balloonPath'>;

const MAX_TEXT_BYTES = 2 ** 28;

/**
 * Files of /proc/PID that the kernel makes in a walk over all pages of the process, such as smaps_rollup; undefined where a
 * process is gone or this kernel has no such file. Meanwhile the kernel holds the process's mmap lock, and whoever reads must
 * not wait for a CPU: the agent's pod has little of one, and the target would stand still as long.
 */
export const readPages = (config: WalkConfig, pids: number[], name: string): (string | undefined)[] =>
  pids.length === 0 ? [] : walk(config, 'read', pids, name).map(({text}) => text);

/** Clears the referenced bits of a process's anonymous pages; milliseconds of its walk, undefined where the process is gone. */
export const clearReferenced = (config: WalkConfig, pid: number): number | undefined => {
  const [walked] = walk(config, 'clear', [pid], 'clear_refs');
  return walked?.text === undefined ? undefined : walked.milliseconds;
};

/**
 * Has every CPU that the agent may run on drop the translations that it remembers, and gives these CPUs: a page that is used by a
 * remembered translation gets no referenced bit (docs/adr/0019).
 */
export const flushTranslations = ({balloonPath}: Pick<WalkConfig, 'balloonPath'>): Set<number> => {
  const {stdout, stderr, status, error} = spawnSync(balloonPath, ['flush'], {encoding: 'latin1'});
  const cpus = /^cpus=(\d+(?:,\d+)*)\n$/.exec(stdout)?.[1];
  if (status === 0 && cpus !== undefined) return new Set(cpus.split(',').map(Number));
  throw new AgentFailure(
    'BalloonFailed',
    `${balloonPath} could not flush: ${explain(error, stderr, status)}`,
  );
};

type Walk = {text: string | undefined; milliseconds: number};

const walk = (
  {procRoot, balloonPath}: WalkConfig,
  verb: 'read' | 'clear',
  pids: number[],
  name: string,
): Walk[] => {
  const files = pids.map(pid => path.join(procRoot, String(pid), name));
  const {stdout, stderr, status, error} = spawnSync(balloonPath, [verb, ...files], {
    encoding: 'latin1',
    maxBuffer: MAX_TEXT_BYTES,
  });
  const walks = status === 0 ? parseWalks(stdout, files) : [];
  if (walks.length === pids.length) return walks;
  const why = explain(error, stderr, status);
  throw new AgentFailure('BalloonFailed', `${balloonPath} could not ${verb} ${name} of the target: ${why}`);
};

const explain = (error: Error | undefined, stderr: string, status: number | null): string =>
  error?.message ?? (stderr.trim() || `it ended with ${status}`);

/** Of each file its text, then a line `end us=1034 errno=0`, or the name of an error. Throws what node:fs would have thrown. */
const parseWalks = (stdout: string, files: string[]): Walk[] => {
  const walks: Walk[] = [];
  let from = 0;
  for (const end of stdout.matchAll(/^end us=(\d+) errno=(\w+)\n/gm)) {
    const code = end[2];
    const error = Object.assign(new Error(`${code}: ${files[walks.length]}`), {code});
    if (code !== '0' && !isGone(error)) throw error;
    const text = code === '0' ? stdout.slice(from, end.index) : undefined;
    walks.push({text, milliseconds: Number(end[1]) / 1000});
    from = end.index + end[0].length;
  }
  return walks;
};
