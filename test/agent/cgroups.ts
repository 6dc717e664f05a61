import {execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {createInterface} from 'node:readline';
import {setTimeout as wait} from 'node:timers/promises';
import type {ExecutionContext} from 'ava';
import {findHierarchy, listTree} from '../../src/agent/cgroup-tree.ts';
import {isGone} from '../../src/agent/failure.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
export const BALLOON = path.join(ROOT, 'build/balloon/balloon');
export const WORKLOAD = path.join(ROOT, 'build/workload/workload');
const CGROUP_ROOT = '/sys/fs/cgroup';

/** Where what was made is told, to be undone at its end: a test, or a run that is none. */
export type Scope = Pick<ExecutionContext, 'teardown'>;

/** What a test's teardown does, for whoever is no test. */
export const inScope = async <T>(use: (scope: Scope) => Promise<T>): Promise<T> => {
  const undo: (() => unknown)[] = [];
  try {
    return await use({teardown: step => void undo.unshift(step)});
  } finally {
    for (const step of undo) await step();
  }
};

/** A pod-like cgroup with a container-like child in which a workload runs; both go with the test. */
export type TestTarget = Workload & Cgroups;
export type Cgroups = {version: 1 | 2; root: string; pod: string; container: string};

/** `printed` is all that it said so far. */
export type Workload = {pid: number; kill: () => void; printed: () => string[]};

/** Builds what the tests run, once. */
export const buildPrograms = (): void => {
  execFileSync('make', ['--silent', 'workload', 'balloon'], {cwd: ROOT});
};

/** Starts a workload in cgroups of its own and waits until its memory stands. */
export const startTarget = async (
  t: Scope,
  options: string[],
  podLimitBytes?: number,
  program = WORKLOAD,
): Promise<TestTarget> => {
  const cgroups = makePod(t, podLimitBytes);
  return {...cgroups, ...(await startWorkload(cgroups.container, options, program))};
};

/** Makes a pod's cgroup and a container's in it, both empty; they go with the test. */
export const makePod = (t: Scope, podLimitBytes?: number): Cgroups => {
  count += 1;
  const cgroups = makeCgroups(`agent-test-${process.pid}-${count}`);
  t.teardown(() => removeCgroups(cgroups.pod));
  if (podLimitBytes !== undefined) limitPod(cgroups, podLimitBytes);
  return cgroups;
};

let count = 0;

/** Starts any program in cgroups of its own and waits until it says that it is ready. */
export const startProgramTarget = async (
  t: Scope,
  command: string[],
  env: NodeJS.ProcessEnv,
): Promise<TestTarget> => {
  const cgroups = makePod(t);
  return {...cgroups, ...(await startProgram(cgroups.container, command, env))};
};

/** Starts one more process in a container's cgroup. */
export const startWorkload = (container: string, options: string[], program = WORKLOAD): Promise<Workload> =>
  startProgram(container, [program, ...options], process.env);

const startProgram = async (
  container: string,
  command: string[],
  env: NodeJS.ProcessEnv,
): Promise<Workload> => {
  const child = spawn('sh', ['-c', 'echo $$ > "$0/cgroup.procs"; exec "$@"', container, ...command], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env,
  });
  const lines: string[] = [];
  const reader = createInterface({input: child.stdout}).on('line', line => lines.push(line));
  await Promise.race([once(reader, 'line'), once(reader, 'close')]);
  if (!/^ready\b/.test(lines[0] ?? '')) throw new Error(`${command.join(' ')} said "${lines[0] ?? ''}"`);
  return {pid: child.pid ?? 0, kill: () => void child.kill('SIGKILL'), printed: () => lines};
};

export const LIMIT_FILES = {1: ['memory.limit_in_bytes'], 2: ['memory.high', 'memory.max']};

/** The limits of a pod and its container as the kernel prints them: what a probe may not leave changed. */
export const readLimits = ({version, pod, container}: Cgroups): string[] =>
  [pod, container].flatMap(directory =>
    LIMIT_FILES[version].map(file => readFileSync(path.join(directory, file), 'utf8').trim()),
  );

/** How often the kernel killed somebody in the pod, or in its container, for lack of memory; v1 counts for each alone. */
export const readKills = (target: Cgroups, of: 'pod' | 'container' = 'pod'): number => {
  const file = target.version === 2 ? 'memory.events' : 'memory.oom_control';
  return Number(/^oom_kill (\d+)$/m.exec(readFileSync(path.join(target[of], file), 'utf8'))?.[1] ?? 0);
};

export const readUsage = (target: Cgroups, of: 'pod' | 'container' = 'pod'): number => {
  const file = target.version === 2 ? 'memory.current' : 'memory.usage_in_bytes';
  return Number(readFileSync(path.join(target[of], file), 'utf8'));
};

export const hasBalloonCgroup = ({pod}: Pick<Cgroups, 'pod'>): boolean =>
  existsSync(path.join(pod, 'memoryprobe'));

/** Waits until `look` is true; throws with `what` when it never is. */
export const waitUntil = async (what: string, look: () => boolean, milliseconds = 5000): Promise<void> => {
  for (const end = performance.now() + milliseconds; performance.now() < end; await wait(5))
    if (look()) return;
  throw new Error(`waited ${milliseconds} ms for ${what}`);
};

/** Makes a container's cgroup in a pod's, both empty, with the controllers that a node has there. */
export const makeCgroups = (podName: string, containerName = 'container'): Cgroups => {
  const {version, root} = findHierarchy(CGROUP_ROOT);
  const pod = findPlace(podName);
  const container = path.join(pod, containerName);
  mkdirSync(container, {recursive: true});
  if (version === 2) enableMemory(root, container);
  return {version, root, pod, container};
};

/** Where a cgroup of a test lies. */
export const findPlace = (name: string): string => {
  const {version, root} = findHierarchy(CGROUP_ROOT);
  return path.join(root, version === 1 ? ownCgroup() : '', name);
};

/** From the top down: a cgroup may give its children what it has been given. */
const enableMemory = (directory: string, container: string): void => {
  if (directory === container) return;
  writeFileSync(path.join(directory, 'cgroup.subtree_control'), '+memory +cpu');
  const [next = ''] = path.relative(directory, container).split(path.sep);
  enableMemory(path.join(directory, next), container);
};

/** The kubelet's limit for a pod. */
export const limitPod = ({version, pod}: Cgroups, bytes: number): void =>
  writeFileSync(path.join(pod, version === 2 ? 'memory.max' : 'memory.limit_in_bytes'), String(bytes));

/** This process's own place in v1's memory hierarchy: below it, limits of others do not change. */
const ownCgroup = (): string =>
  /^\d+:memory:(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1] ?? '/';

/** Kills what is left and removes the cgroups, leaves first. */
export const removeCgroups = async (base: string, milliseconds = 30_000): Promise<void> => {
  for (const directory of listTree(base).reverse())
    await waitUntil(
      `${directory} to be removed`,
      () => {
        for (const pid of readPids(directory)) killQuietly(pid);
        return tryRemove(directory);
      },
      milliseconds,
    );
};

const readPids = (directory: string): number[] => {
  try {
    return readFileSync(path.join(directory, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
};

const killQuietly = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!isGone(error)) throw error;
  }
};

const tryRemove = (directory: string): boolean => {
  try {
    rmdirSync(directory);
    return true;
  } catch {
    return !existsSync(directory);
  }
};
