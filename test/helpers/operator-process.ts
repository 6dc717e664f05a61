import {spawn} from 'node:child_process';
import {existsSync} from 'node:fs';
import path from 'node:path';
import {createInterface} from 'node:readline';
import {CONFIG, eventually, OPERATOR_NAMESPACE, type World} from './world.ts';

const MAIN = path.resolve(import.meta.dirname, '../../src/operator/main.ts');

type LogLine = {timestamp: string; level: string; message: string; [field: string]: unknown};

/** The operator as a process of its own, with an election: what can be stopped, continued and killed. */
export type OperatorProcess = {
  /** Who it is for the API server, and its pod's name. */
  user: string;
  /** Milliseconds since 1970. */
  startedMs: number;
  log: LogLine[];
  signal: (name: NodeJS.Signals) => void;
  /** Resolves with its exit code; null: a signal ended it. */
  ended: Promise<number | null>;
  /** Milliseconds since 1970 at which it said that it leads. */
  leads: (seconds?: number) => Promise<number>;
  /** Whether /readyz says so. */
  isReady: () => Promise<boolean>;
  /** The metric leader_election_master_status. */
  masterStatus: () => Promise<number>;
};

export const startOperatorProcess = async (world: World, user: string): Promise<OperatorProcess> => {
  const log: LogLine[] = [];
  const startedMs = Date.now();
  // With setpriv the kernel ends it should this process be killed.
  const guard = existsSync('/usr/bin/setpriv') ? ['/usr/bin/setpriv', '--pdeathsig', 'KILL'] : [];
  const [command = '', ...args] = [...guard, process.execPath, MAIN];
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH,
      KUBECONFIG: world.api.kubeconfigOf(user),
      POD_NAME: user,
      POD_NAMESPACE: OPERATOR_NAMESPACE,
      BALLOON_IMAGE: CONFIG.balloonImage,
      HTTP_PORT: '0',
      LOG_LEVEL: 'debug',
    },
  });
  createInterface({input: child.stdout}).on('line', line => log.push(JSON.parse(line) as LogLine));
  const ended = new Promise<number | null>(resolve => child.once('exit', resolve));
  const said = (message: string, seconds?: number) =>
    eventually(`${user} to say "${message}"`, () => log.find(line => line.message === message), seconds);
  const {httpPort} = await said('operator started');
  const ask = (where: string) => fetch(`http://127.0.0.1:${httpPort}/${where}`);
  return {
    user,
    startedMs,
    log,
    signal: name => child.kill(name),
    ended,
    leads: async seconds => Date.parse((await said('leading', seconds)).timestamp),
    isReady: async () => (await ask('readyz')).ok,
    masterStatus: async () => {
      const text = await (await ask('metrics')).text();
      return Number(/^leader_election_master_status\{[^}]*\} (\d)/m.exec(text)?.[1]);
    },
  };
};
