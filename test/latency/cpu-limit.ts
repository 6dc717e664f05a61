import {mkdirSync, readFileSync, rmdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import type {Scope, TestTarget} from '../agent/cgroups.ts';

const PERIOD_MICROSECONDS = 100_000;

/** How often, and how long, a target was kept from its CPU because its quota was used up. */
export type Throttled = {times: number; milliseconds: number};

/** A target with `limits.cpu`, as the kubelet gives it: to the container and to its pod. `read` counts since the target's start. */
export const limitCpu = (t: Scope, target: TestTarget, share: number): {read: () => Throttled} => {
  const directories = target.version === 2 ? [target.pod, target.container] : [makeCpuCgroup(t, target)];
  for (const directory of directories) writeQuota(directory, target.version, share * PERIOD_MICROSECONDS);
  return {read: () => directories.map(readThrottled).reduce(add)};
};

/** v1: a hierarchy of its own; nothing of a balloon is in it. */
const makeCpuCgroup = (t: Scope, {root, pid}: TestTarget): string => {
  const cpu = path.join(path.dirname(root), 'cpu');
  const directory = path.join(cpu, `cpu-limit-${pid}`);
  mkdirSync(directory);
  writeFileSync(path.join(directory, 'cgroup.procs'), String(pid));
  t.teardown(() => {
    for (const member of readFileSync(path.join(directory, 'cgroup.procs'), 'utf8')
      .split('\n')
      .filter(Boolean))
      writeFileSync(path.join(cpu, 'cgroup.procs'), member);
    rmdirSync(directory);
  });
  return directory;
};

const writeQuota = (directory: string, version: 1 | 2, microseconds: number): void => {
  const files =
    version === 2
      ? {'cpu.max': `${microseconds} ${PERIOD_MICROSECONDS}`}
      : {'cpu.cfs_period_us': PERIOD_MICROSECONDS, 'cpu.cfs_quota_us': microseconds};
  for (const [file, value] of Object.entries(files)) writeFileSync(path.join(directory, file), String(value));
};

const readThrottled = (directory: string): Throttled => {
  const stat = readFileSync(path.join(directory, 'cpu.stat'), 'utf8');
  const read = (key: string): number | undefined => {
    const number = new RegExp(`^${key} (\\d+)$`, 'm').exec(stat)?.[1];
    return number === undefined ? undefined : Number(number);
  };
  const microseconds = read('throttled_usec') ?? (read('throttled_time') ?? Number.NaN) / 1000;
  return {times: read('nr_throttled') ?? Number.NaN, milliseconds: microseconds / 1000};
};

const add = (one: Throttled, other: Throttled): Throttled => ({
  times: one.times + other.times,
  milliseconds: one.milliseconds + other.milliseconds,
});
