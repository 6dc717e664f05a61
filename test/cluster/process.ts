import {spawn} from 'node:child_process';
import {closeSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {ensureOwnCgroup, listPids} from './cgroup.ts';
import {LOG, NETNS, RUN} from './config.ts';
import {until} from './shell.ts';

const PIDS = path.join(RUN, 'pids');

export const logOf = (name: string): string => path.join(LOG, `${name}.log`);

/** Clock ticks since boot at which a process started: with its id, its identity. From field 22 of /proc/PID/stat. */
const readStartTicks = (pid: number): string | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' ? undefined : fields[18];
  } catch {
    return undefined; // no such process
  }
};

/** The id of a program that was started by name, while it is that very process. */
export const findPid = (name: string): number | undefined => {
  try {
    const [pid = '', ticks = ''] = readFileSync(path.join(PIDS, name), 'utf8').split(' ');
    return readStartTicks(Number(pid)) === ticks ? Number(pid) : undefined;
  } catch {
    return undefined; // never started
  }
};

export const listStarted = (): {name: string; pid: number | undefined}[] => {
  try {
    return readdirSync(PIDS).map(name => ({name, pid: findPid(name)}));
  } catch {
    return []; // no cluster
  }
};

/**
 * Starts a program that outlives us, in the cluster's cgroup and network namespace, unless it runs already.
 * Its output goes to .cluster/log/NAME.log.
 */
export const start = async (name: string, argv: string[], env: NodeJS.ProcessEnv = {}): Promise<void> => {
  if (findPid(name)) return;
  mkdirSync(PIDS, {recursive: true});
  const log = openSync(logOf(name), 'a');
  const enter = [`--net=${NETNS}`, 'sh', '-c', 'echo $$ >"$0" && exec "$@"', ensureOwnCgroup()];
  const child = spawn('nsenter', [...enter, ...argv], {
    detached: true,
    stdio: ['ignore', log, log],
    env: {...process.env, ...env},
    cwd: '/',
  });
  await new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  closeSync(log);
  child.unref();
  writeFileSync(path.join(PIDS, name), `${child.pid} ${readStartTicks(child.pid ?? 0)}`);
};

/** Waits for a sign of life; a program that ended instead is reported at once. */
export const awaitStarted = (name: string, ask: () => Promise<boolean>, seconds = 120): Promise<void> =>
  until(
    `${name} being ready`,
    () => {
      if (!findPid(name)) throw new Error(`${name} ended at once, see ${logOf(name)}`);
      return ask();
    },
    {seconds, log: logOf(name)},
  );

const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
};

/** Kills every process of the cluster, again and again until none is left: what is being killed may still fork. */
export const killEverything = (): Promise<void> =>
  until(
    'the end of every process of the cluster',
    () => {
      const pids = listPids();
      for (const pid of pids) kill(pid);
      return pids.length === 0;
    },
    {seconds: 30, log: '/proc/PID/stack of those in `make cluster-status`'},
  );
