import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {isGone} from '../../../src/agent/failure.ts';

/** Who is at work in a probe. */
export const ROLES = ['agent', 'guardian', 'helper', 'worker'] as const;
export type Role = (typeof ROLES)[number];
export type BalloonProcess = {role: Exclude<Role, 'agent'>; pid: number};

/** The balloon's living processes of one boundary, wherever they are: all of them keep the guardian's command line. */
export const listBalloon = (pod: string): BalloonProcess[] => {
  const members = readOnce(path.join(pod, 'memoryprobe/cgroup.procs')).split('\n');
  const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name));
  const ours = pids.filter(pid => isBalloonOf(pod, pid) && isAlive(pid));
  return ours.map(pid => ({role: roleOf(pid, ours, members), pid: Number(pid)}));
};

const isBalloonOf = (pod: string, pid: string): boolean =>
  readOnce(`/proc/${pid}/cmdline`).split('\0').includes(`--boundary=${pod}`);

const isAlive = (pid: string): boolean => /\) [^ZX] /.test(readOnce(`/proc/${pid}/stat`));

const roleOf = (pid: string, ours: string[], members: string[]): BalloonProcess['role'] => {
  if (members.includes(pid)) return 'worker';
  const parent = /\) \S (\d+)/.exec(readOnce(`/proc/${pid}/stat`))?.[1] ?? '';
  return ours.includes(parent) ? 'helper' : 'guardian';
};

/** Empty where it is gone, or goes while it is read. */
const readOnce = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (isGone(error)) return '';
    throw error;
  }
};
