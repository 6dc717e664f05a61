import path from 'node:path';
import {present} from '../domain/present.ts';
import type {Settings} from '../domain/settings.ts';

/** Where things are on this machine. */
export type Config = {
  balloonPath: string;
  cgroupRoot: string;
  procRoot: string;
  terminationLog: string;
  /** Absolute directory of a container-like cgroup to look at instead of a container id. */
  targetCgroup?: string;
  /** Absolute directory of the boundary, at or above that cgroup; absent: its parent. */
  boundaryCgroup?: string;
  /** A process to look at that has no cgroup of its own; nothing is pressed then. */
  targetPid?: number;
};

/** The agent was started wrongly: one sentence that names the field, the value and what to do. */
export class UsageError extends Error {}

type Environment = Record<string, string | undefined>;

export const readConfig = (environment: Environment = process.env): Config => {
  const targetCgroup = readDirectory(environment, 'TARGET_CGROUP');
  const boundaryCgroup = readDirectory(environment, 'BOUNDARY_CGROUP');
  const targetPid = readPid(environment);
  return {
    balloonPath: environment.BALLOON_PATH ?? '/usr/local/bin/balloon',
    cgroupRoot: environment.CGROUP_ROOT ?? '/sys/fs/cgroup',
    procRoot: environment.PROC_ROOT ?? '/proc',
    terminationLog: environment.TERMINATION_LOG ?? '/dev/termination-log',
    ...present({targetCgroup, boundaryCgroup, targetPid}),
  };
};

const readDirectory = (environment: Environment, name: string): string | undefined => {
  const value = environment[name];
  if (value === undefined || path.isAbsolute(value)) return value;
  throw new UsageError(`${name} is "${value}": give the absolute directory of a cgroup`);
};

const readPid = ({TARGET_PID}: Environment): number | undefined => {
  if (TARGET_PID === undefined) return undefined;
  if (/^[1-9]\d{0,9}$/.test(TARGET_PID)) return Number(TARGET_PID);
  throw new UsageError(`TARGET_PID is "${TARGET_PID}": give the number of a process`);
};

/** Reads MEMORYPROBE_SETTINGS. Throws one sentence that names the field. */
export const readSettings = (environment: Environment = process.env): Settings => {
  const text = environment.MEMORYPROBE_SETTINGS;
  if (text === undefined)
    throw new UsageError('MEMORYPROBE_SETTINGS is not set: the settings come in as one JSON value');
  const value = parseJson(text);
  for (const [field, type] of FIELDS) {
    const found = field.split('.').reduce<unknown>((part, key) => (part as Environment)?.[key], value);
    if (typeof found !== type || (type === 'number' && !((found as number) >= 0))) {
      throw new UsageError(`MEMORYPROBE_SETTINGS: ${field} is ${JSON.stringify(found)}, not a ${type}`);
    }
  }
  const settings = value as Settings;
  if (settings.version !== 1) {
    throw new UsageError(`MEMORYPROBE_SETTINGS: version is ${settings.version}, this agent knows 1`);
  }
  return settings;
};

export const readSubcommand = (argv: string[] = process.argv): 'repair' | 'locate' | undefined => {
  const word = argv[2];
  if (word === undefined || word === 'repair' || word === 'locate') return word;
  throw new UsageError(`"${word}" is no subcommand: give "repair" or "locate", or none for a probe`);
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`MEMORYPROBE_SETTINGS is not JSON: ${text.slice(0, 80)}`, {cause: error});
  }
};

/** What a run cannot do without; the operator and the local command fill every default in. */
const FIELDS = [
  ['version', 'number'],
  ['target.podUID', 'string'],
  ['target.containerID', 'string'],
  ['pressure.method', 'string'],
  ['pressure.stepSizeBytes', 'number'],
  ['pressure.stepIntervalMilliseconds', 'number'],
  ['pressure.holdSeconds', 'number'],
  ['rounds.count', 'number'],
  ['rounds.intervalSeconds', 'number'],
  ['criteria.minReclaimedPercent', 'number'],
  ['criteria.idleSeconds', 'number'],
  ['guards.minNodeAvailable', 'object'],
  ['guards.maxPressurePercent', 'number'],
  ['guards.maxCacheReclaimedBytes', 'number'],
  ['guards.deadlineSeconds', 'number'],
] as const;
