import {readFileSync} from 'node:fs';
import path from 'node:path';
import type {ExecutionContext} from 'ava';
import {buildCase, judge} from '../../src/domain/judge.ts';
import {type Agent, settingsFor, startAgent, type Wishes} from './agent.ts';
import {hasBalloonCgroup, makeCgroups, removeCgroups, startTarget, type TestTarget} from './cgroups.ts';

// A whole node under pressure: only where the machine is one's own.

export const MIB = 1024 * 1024;

export const readNumber = (file: string, key: string): number =>
  Number(new RegExp(`^${key}:?\\s+(\\d+)`, 'm').exec(readFileSync(file, 'utf8'))?.[1]);

/** Processes that the kernel killed for want of memory, on the whole machine. */
export const readKills = (): number => readNumber('/proc/vmstat', 'oom_kill');
export const readAvailable = (): number => readNumber('/proc/meminfo', 'MemAvailable') * 1024;

/** A machine for tests keeps nothing back: its floor is the least that there is, 64 MiB. */
export const wish = ({pressure, guards, ...rest}: Wishes = {}): Wishes => ({
  pressure: {scope: 'Node', stepSizeBytes: 32 * MIB, ...pressure},
  guards: {minNodeAvailable: {bytes: 0}, deadlineSeconds: 90, ...guards},
  nodeReservedBytes: 0,
  ...rest,
});

/** Starts the agent in a pod-like cgroup of its own: where its balloon belongs. */
export const startNodeAgent = (
  t: ExecutionContext,
  target: TestTarget,
  wishes: Wishes,
): {pod: string; agent: Agent} => {
  const {pod, container} = makeCgroups(`agent-own-${process.pid}`, 'agent');
  t.teardown(() => removeCgroups(pod));
  return {pod, agent: startAgent(t, target, wishes, {cgroup: container})};
};

export type Node = {
  wishes?: Wishes;
  /** Done when the target stands. */
  prepare?: (target: TestTarget) => Promise<void> | void;
};

/** Probes a workload on a node that is pressed, and checks that nobody was killed and nothing is left. */
export const probeNode = async (
  t: ExecutionContext,
  workload: string[],
  {wishes = wish(), prepare}: Node = {},
) => {
  const target = await startTarget(t, workload);
  await prepare?.(target);
  const kills = readKills();
  const {pod, agent} = startNodeAgent(t, target, wishes);
  const {report, lines, stderr} = await agent.end();
  t.is(readKills(), kills, 'somebody was killed');
  t.false(hasBalloonCgroup({pod}));
  t.false(hasBalloonCgroup(target), "nothing was ever made in the target's pod");
  t.is(stderr, '');
  if (report === undefined) throw new Error('there is no report');
  t.log(JSON.stringify(report.failure ?? {...report.evidence, curve: report.evidence.curve?.length}));
  t.true(report.restored);
  return {...report, lines, target, ...judge(buildCase(settingsFor(wishes), report))};
};

/** Of a cgroup's file with one number. */
export const readCounter = (cgroup: string, file: string): number =>
  Number(readFileSync(path.join(cgroup, file), 'utf8'));
