import {existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import type {ExecutionContext} from 'ava';
import {findHierarchy, listTree} from '../../src/agent/cgroup-tree.ts';
import {isGone} from '../../src/agent/failure.ts';

/** A pod-like cgroup with a container-like one in it, on whichever version this machine's memory controller has. */
export type Pod = {version: 1 | 2; root: string; pod: string; container: string};

export const MIB = 1024 * 1024;
export const HIERARCHY = findHierarchy('/sys/fs/cgroup');
const CPUS = readFileSync('/proc/cpuinfo', 'utf8');
/** A guest kernel as one process (User-mode Linux): page faults are slow, and memory is small. */
export const IN_USER_MODE = CPUS.includes('User Mode Linux');
/** Every instruction is translated: some ten times slower than the machine below. */
export const IS_EMULATED = CPUS.includes('QEMU Virtual CPU');
/** How much the targets free lazily and hold. */
export const [LAZY_MIB, HELD_MIB] = IN_USER_MODE ? [100, 50] : [300, 100];

let count = 0;

/** Makes one; it goes with the test. */
export const makePod = (t: ExecutionContext): Pod => {
  const {version, root} = HIERARCHY;
  count += 1;
  const pod = path.join(root, `balloon-test-${process.pid}-${count}`);
  const container = path.join(pod, 'container');
  if (version === 2) writeFileSync(path.join(root, 'cgroup.subtree_control'), '+memory +cpu');
  mkdirSync(pod);
  if (version === 2) writeFileSync(path.join(pod, 'cgroup.subtree_control'), '+memory +cpu');
  mkdirSync(container);
  t.teardown(() => removePod(pod));
  return {version, root, pod, container};
};

/** Waits until `look` gives something but undefined or false; throws with `what` when it never does. */
export const until = async <T>(
  what: string,
  look: () => T | undefined | false,
  milliseconds = 20_000,
): Promise<T> => {
  for (const end = performance.now() + milliseconds; performance.now() < end; await wait(2)) {
    const seen = look();
    if (seen !== undefined && seen !== false) return seen;
  }
  throw new Error(`waited ${milliseconds} ms for ${what}`);
};

/** Names of the files that hold a boundary's limit and its usage. */
export const LIMIT = {1: 'memory.limit_in_bytes', 2: 'memory.high'} as const;
export const USAGE = {1: 'memory.usage_in_bytes', 2: 'memory.current'} as const;
const ANON = {1: 'rss', 2: 'anon'} as const;

export const read = (directory: string, file: string): string =>
  readFileSync(path.join(directory, file), 'utf8').trim();

/** The boundary's limit as the kernel prints it. */
export const limitOf = ({version, pod}: Pod): string => read(pod, LIMIT[version]);

export const setLimit = ({version, pod}: Pod, value: number | string): void =>
  writeFileSync(path.join(pod, LIMIT[version]), String(value));

export const usageOf = ({version, pod}: Pod): number => Number(read(pod, USAGE[version]));

/** Anonymous memory of the target. */
export const anonOf = ({version, container}: Pod): number =>
  Number(new RegExp(`^${ANON[version]} (\\d+)$`, 'm').exec(read(container, 'memory.stat'))?.[1]);

/** Processes that the kernel killed in the pod for lack of memory. */
export const killsOf = ({version, pod}: Pod): number =>
  Number(/^oom_kill (\d+)$/m.exec(read(pod, version === 2 ? 'memory.events' : 'memory.oom_control'))?.[1]);

export const balloonOf = ({pod}: Pod): string => path.join(pod, 'memoryprobe');

export const hasBalloon = (pod: Pod): boolean => existsSync(balloonOf(pod));

/** The worker, while there is one: v2 ends it at the floor, and starts another. */
export const workersOf = (pod: Pod): number[] => readPids(balloonOf(pod));

/** Names of the records in the balloon's cgroup: `old-max`, `wrote-1048576`. */
export const recordsOf = (pod: Pod): string[] =>
  hasBalloon(pod) ? readdirSync(balloonOf(pod)).filter(name => /^(?:old|wrote)-/.test(name)) : [];

/** Whoever is still in a cgroup of the test that failed is killed, so that the cgroup can go. */
const removePod = async (pod: string): Promise<void> => {
  for (const directory of listTree(pod).reverse()) {
    for (const pid of readPids(directory)) strikeDown(pid);
    await until(`the end of ${directory}`, () => remove(directory));
  }
};

/** None where it went meanwhile: a helper may be at the same work. */
const readPids = (directory: string): number[] => {
  try {
    return read(directory, 'cgroup.procs').split('\n').filter(Boolean).map(Number);
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
};

const remove = (directory: string): boolean => {
  try {
    rmdirSync(directory);
    return true;
  } catch (error) {
    // A process that was just killed takes a moment to leave.
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
};

/** Kills what may have ended by itself just now. */
export const strikeDown = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!isGone(error)) throw error;
  }
};
