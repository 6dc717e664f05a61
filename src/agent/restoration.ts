import {execFile} from 'node:child_process';
import {existsSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {isGone} from './failure.ts';

/** The boundary as it must be again: the value from before, and every value that the balloon was told to write. */
export type Boundary = {
  directory: string;
  /** Whose limit is written: the boundary's own, or the target's. */
  limitDirectory: string;
  version: 1 | 2;
  oldLimit: string;
  writtenBytes: Set<number>;
};

const LIMIT_FILE = {1: 'memory.limit_in_bytes', 2: 'memory.high'} as const;
/** Name of the balloon's cgroup under the boundary: images/balloon/PROTOCOL.md. */
export const BALLOON_CGROUP = 'memoryprobe';
const REPAIR_MILLISECONDS = 10_000;

/** Lets the balloon's own `repair` restore the limit, kill what is left and remove the cgroup; gives what it printed. */
export const repair = (binary: string, options: string[]): Promise<string> => {
  const {promise, resolve, reject} = Promise.withResolvers<string>();
  execFile(binary, ['repair', ...options], {timeout: REPAIR_MILLISECONDS}, (error, stdout, stderr) => {
    if (error === null) return resolve(stdout.trim());
    reject(new Error(`${error.message.trim()} ${stderr.trim()}`.trim(), {cause: error}));
  });
  return promise;
};

export const repairBoundary = (binary: string, {directory, version}: Boundary): Promise<string> =>
  repair(binary, [`--boundary=${directory}`, `--version=${version}`]);

/**
 * Reads back whether nothing of the balloon is left: its cgroup is gone, and the limit is not one of ours. A value
 * that somebody else wrote meanwhile is theirs, and a boundary that is gone has nothing left to restore.
 */
export const isRestored = (boundary: Boundary): boolean => {
  const {directory, limitDirectory, version, oldLimit, writtenBytes} = boundary;
  if (!existsSync(directory)) return true;
  if (existsSync(path.join(directory, BALLOON_CGROUP))) return false;
  const limit = readLimit(path.join(limitDirectory, LIMIT_FILE[version]));
  return limit === undefined || limit === oldLimit || !writtenBytes.has(Number(limit));
};

/** Undefined where this kernel's cgroup has no such file (v2's root), or the cgroup went meanwhile. */
const readLimit = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
};
