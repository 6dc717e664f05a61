import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {parseLine, type RecordLine} from '../../src/domain/record.ts';
import type {Report} from '../../src/domain/report.ts';
import type {Settings} from '../../src/domain/settings.ts';
import {decodeReport} from '../../src/domain/termination-message.ts';
import {BALLOON, type Scope, type TestTarget} from './cgroups.ts';

/** A machine without this tree has the image's bundle. */
const MAIN = process.env.AGENT_MAIN ?? path.resolve(import.meta.dirname, '../../src/agent/main.ts');
const MIB = 1024 * 1024;
/** With the flags of the balloon's image. */
const AGENT: [string, ...string[]] = [process.execPath, '--single-threaded', MAIN];

/** The part of the settings that a test is about; the rest is what a probe has by default. */
export type Wishes = {
  pressure?: Partial<Settings['pressure']>;
  rounds?: Partial<Settings['rounds']>;
  criteria?: Partial<Settings['criteria']>;
  guards?: Partial<Settings['guards']>;
  nodeReservedBytes?: number;
};

export const settingsFor = (wishes: Wishes = {}): Settings => ({
  version: 1,
  probe: {namespace: 'test', name: 'probe', uid: '6f7c1d52-3b0a-4a55-8d5e-3f1c9a1b2c3d'},
  target: {
    podName: 'pod',
    podUID: '0b5f7c1e-1d5c-4c0e-9d64-1f3e8a0f2b11',
    container: 'app',
    containerID: 'containerd://0123',
    nodeName: 'node1',
  },
  pressure: {
    scope: 'Pod',
    method: 'Balloon',
    stepSizeBytes: 64 * MIB,
    stepIntervalMilliseconds: 100,
    holdSeconds: 2,
    ...wishes.pressure,
  },
  rounds: {count: 1, intervalSeconds: 15, stopEarly: false, ...wishes.rounds},
  criteria: {
    minReclaimedPercent: 10,
    minGrowthBytes: 8 * MIB,
    idleSeconds: 0,
    minIdlePercent: 50,
    ...wishes.criteria,
  },
  guards: {
    minNodeAvailable: {bytes: 256 * MIB},
    maxPressurePercent: 40,
    maxCacheReclaimedBytes: 512 * MIB,
    deadlineSeconds: 60,
    ...wishes.guards,
  },
  nodeReservedBytes: wishes.nodeReservedBytes ?? 64 * MIB,
});

/** The real agent as a process of its own. */
export type Agent = {
  child: ChildProcess;
  /** Waits for a line of the record that fits. */
  nextLine: (fits: (line: RecordLine) => boolean) => Promise<RecordLine>;
  countSamples: () => number;
  countSteps: () => number;
  /** Waits for its end. */
  end: () => Promise<{
    report: Report | undefined;
    lines: RecordLine[];
    exitCode: number | null;
    stderr: string;
  }>;
};

export const startAgent = (t: Scope, target: TestTarget, wishes: Wishes = {}, env: object = {}): Agent => {
  const directory = mkdtempSync(path.join(tmpdir(), 'agent-'));
  t.teardown(() => rmSync(directory, {recursive: true}));
  const message = path.join(directory, 'message');
  const {cgroup, capabilities, ...more} = env as {cgroup?: string; capabilities?: string[]};
  const child = spawn(...confine(commandIn(cgroup, AGENT), capabilities), {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      MEMORYPROBE_SETTINGS: JSON.stringify(settingsFor(wishes)),
      BALLOON_PATH: BALLOON,
      TARGET_CGROUP: target.container,
      TERMINATION_LOG: message,
      ...more,
    },
  });
  const ended = once(child, 'close');
  const lines: RecordLine[] = [];
  const hearers = new Set<() => void>();
  let [rest, stderr] = ['', ''];
  child.stderr.on('data', chunk => {
    stderr += chunk;
  });
  child.stdout.on('data', chunk => {
    const parts = `${rest}${chunk}`.split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts.flatMap(part => parseLine(part) ?? []));
    for (const hear of hearers) hear();
  });
  const nextLine = async (fits: (line: RecordLine) => boolean): Promise<RecordLine> => {
    for (;;) {
      const found = lines.find(fits);
      if (found) return found;
      const news = new Promise<void>(resolve => hearers.add(resolve));
      if ((await Promise.race([news, ended.then(() => 'ended')])) === 'ended')
        throw new Error(`the agent ended: ${stderr}`);
    }
  };
  const end: Agent['end'] = async () => {
    const [exitCode] = await ended;
    return {report: decodeReport(readMessage(message)), lines, exitCode, stderr};
  };
  return {
    child,
    nextLine,
    countSteps: () => lines.filter(line => line.type === 'step').length,
    countSamples: () => lines.filter(line => line.type === 'sample' && line.of === 'target').length,
    end,
  };
};

/** A command; with a cgroup it moves there first, as a container runtime does. */
export const commandIn = (
  cgroup: string | undefined,
  command: [string, ...string[]],
): [string, ...string[]] =>
  cgroup === undefined ? command : ['sh', '-c', 'echo $$ > "$0/cgroup.procs"; exec "$@"', cgroup, ...command];

/** With these capabilities and no way to more, as a container runtime starts what is not privileged. */
const confine = ([command = '', ...args]: string[], capabilities?: string[]): [string, string[]] => {
  if (capabilities === undefined) return [command, args];
  const set = ['-all', ...capabilities.map(name => `+${name.toLowerCase()}`)].join(',');
  return ['setpriv', [`--bounding-set=${set}`, `--inh-caps=${set}`, '--no-new-privs', command, ...args]];
};

const readMessage = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // it was killed before there was anything to say
  }
};
