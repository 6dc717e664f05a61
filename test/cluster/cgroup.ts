import {existsSync, globSync, mkdirSync, readFileSync, rmdirSync} from 'node:fs';
import path from 'node:path';
import {CGROUP} from './config.ts';

type Hierarchy = {directory: string; controllers: string[]};

/** A line of /proc/mounts: `cgroup /sys/fs/cgroup/memory cgroup rw,relatime,memory 0 0`. */
const readHierarchies = (): Hierarchy[] =>
  readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map(line => line.split(' '))
    .filter(
      ([, directory = '', type = '']) => directory.startsWith('/sys/fs/cgroup') && /^cgroup2?$/.test(type),
    )
    .map(([, directory = '', , options = '']) => ({directory, controllers: options.split(',')}));

/**
 * One hierarchy is enough to know our own processes: membership is inherited by every child and ends with no exec.
 * Version 2 where it is mounted (an empty hierarchy beside version 1 is best: nobody else moves processes there).
 */
const findOwn = (): string => {
  const hierarchies = readHierarchies();
  const own =
    hierarchies.find(({directory}) => existsSync(path.join(directory, 'cgroup.controllers'))) ??
    hierarchies.find(({controllers}) => controllers.includes('pids')) ??
    hierarchies[0];
  if (!own) throw new Error('no cgroup file system is mounted under /sys/fs/cgroup: nodes cannot run here');
  return path.join(own.directory, CGROUP);
};

/** Makes the cgroup of the cluster's own processes; returns the file that a process writes itself into. */
export const ensureOwnCgroup = (): string => {
  mkdirSync(findOwn(), {recursive: true});
  return path.join(findOwn(), 'cgroup.procs');
};

/** The kubelet's cgroups, in every hierarchy. */
const podCgroups = (): string[] =>
  readHierarchies()
    .map(({directory}) => path.join(directory, 'kubepods'))
    .filter(directory => existsSync(directory));

export const hasPodCgroups = (): boolean => podCgroups().length > 0;

const treeOf = (directory: string): string[] => [
  ...globSync('**/', {cwd: directory}).map(name => path.join(directory, name)),
  directory,
];

const readPids = (directory: string): number[] => {
  try {
    return readFileSync(path.join(directory, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
  } catch {
    return []; // the cgroup went meanwhile, and its processes with it
  }
};

const everything = (): string[] => [findOwn(), ...podCgroups()].filter(existsSync).flatMap(treeOf);

/** Every process of the cluster: its programs, what they started, and the pods. */
export const listPids = (): number[] => [...new Set(everything().flatMap(readPids))];

/**
 * Removes the cgroups, deepest first; returns whether none is left. A cgroup that no process is listed in any more
 * may still refuse for a moment: the last one is on its way out.
 */
export const removeCgroups = (): boolean => {
  for (const directory of everything().sort((a, b) => b.length - a.length)) {
    try {
      rmdirSync(directory);
    } catch (error) {
      const {code = ''} = error as NodeJS.ErrnoException;
      if (!['EBUSY', 'ENOENT', 'ENOTEMPTY'].includes(code)) throw error;
    }
  }
  return everything().length === 0;
};
