import {setTimeout as wait} from 'node:timers/promises';
import {isGone} from '../../../src/agent/failure.ts';
import {repair} from '../../../src/agent/restoration.ts';
import {type Agent, startAgent, type Wishes} from '../agent.ts';
import {BALLOON, hasBalloonCgroup, type Scope, startTarget, type TestTarget, waitUntil} from '../cgroups.ts';
import {listBalloon, type Role} from './balloon-processes.ts';
import type {Strike} from './strike.ts';
import {findHarm, findLeftovers, readWorld, type World} from './world.ts';

const MIB = 1024 * 1024;
/** What whoever outlives the others is given: more than users are promised, since a busy machine runs several of these. */
const SETTLE_MILLISECONDS = 15_000;
/** Small steps with pauses: most of the probe is the squeeze. */
const SLOW: Wishes = {
  pressure: {stepSizeBytes: 4 * MIB, stepIntervalMilliseconds: 100},
  guards: {deadlineSeconds: 60},
};

/** A probe that was struck. `settledMilliseconds`: from the strike, or from what had to follow it, to a world as before. */
export type Struck = {
  killed: Role[];
  survivors: Role[];
  steps: number;
  repaired: string | undefined;
  settledMilliseconds: number;
  leftovers: string[];
};

type Settled = Pick<Struck, 'repaired' | 'settledMilliseconds' | 'leftovers'>;
/** What was still left after so many milliseconds. */
type Rest = {milliseconds: number; left: string[]};
type Scene = {target: TestTarget; agent: Agent; before: World};

/** Runs one probe of a fresh target and kills some of it at a moment; what is left of it is in `leftovers`. */
export const strikeProbe = async (scope: Scope, strike: Strike): Promise<Struck> => {
  const target = await startTarget(scope, ['lazily-freed', '--freed=64Mi', '--held=8Mi']);
  const before = readWorld(target);
  const agent = startAgent(scope, target, SLOW);
  const scene = {target, agent, before};
  await waitForMoment(scene, strike);
  const {killed, survivors} = kill(scene, strike);
  return {killed, survivors, steps: agent.countSteps(), ...(await settle(scene, killed, survivors))};
};

/** A machine with no time to spare takes that long to start an agent. */
const START_MILLISECONDS = 240_000;

/** Also over where the agent ended before that: then nobody is killed, and what it left is looked for. */
const waitForMoment = async ({target, agent}: Scene, {after, milliseconds}: Strike): Promise<void> => {
  if (after === 'step') await agent.nextLine(line => line.type === 'step').catch(() => undefined);
  else
    await waitUntil(
      "the balloon's cgroup, or the agent's end",
      () => hasBalloonCgroup(target) || !isAlive(agent),
      START_MILLISECONDS,
    );
  await wait(milliseconds);
};

const isAlive = ({child}: Agent): boolean => child.exitCode === null && child.signalCode === null;

const kill = ({target, agent}: Scene, {victims}: Strike): Pick<Struck, 'killed' | 'survivors'> => {
  const living: {role: Role; pid: number}[] = [
    ...(isAlive(agent) ? [{role: 'agent' as const, pid: agent.child.pid ?? 0}] : []),
    ...listBalloon(target.pod),
  ];
  for (const victim of victims) for (const {role, pid} of living) if (role === victim) killQuietly(pid);
  const roles = living.map(({role}) => role);
  return {
    killed: victims.filter(role => roles.includes(role)),
    survivors: roles.filter(role => !victims.includes(role)),
  };
};

const killQuietly = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!isGone(error)) throw error; // it ended by itself just now
  }
};

/** Gives those that live their time, and one repair where nobody is left to remove the cgroup. */
const settle = async (scene: Scene, killed: Role[], survivors: Role[]): Promise<Settled> => {
  const {target, agent, before} = scene;
  const harm = () => findHarm(target, before);
  const all = () => findLeftovers(target, before);
  if (survivors.includes('agent')) {
    // A probe whose helper died may go on, and hold what it holds; else what hurts is over at once.
    const urgent = killed.some(role => role !== 'helper');
    const first = urgent ? await untilNothing(harm) : {milliseconds: 0, left: []};
    await agent.end();
    const last = await untilNothing(all);
    return withoutRepair({
      milliseconds: Math.max(first.milliseconds, last.milliseconds),
      left: [...first.left, ...last.left],
    });
  }
  if (survivors.includes('guardian') || survivors.includes('helper')) {
    const rest = await untilNothing(all);
    if (rest.left.length === 0 || !isOrphaned(target, killed)) return withoutRepair(rest);
    return repairAndLook(scene, await untilNothing(harm));
  }
  if (killed.length === 0) return withoutRepair(await untilNothing(all));
  const first = survivors.includes('worker') ? await untilNothing(harm) : {milliseconds: 0, left: []};
  return repairAndLook(scene, first);
};

/**
 * A guardian that was told of its agent's death had just ended a helper in the middle of a v1 shrink, and then died
 * itself: that is the death of all.
 */
const isOrphaned = (target: TestTarget, killed: Role[]): boolean =>
  target.version === 1 &&
  killed.includes('agent') &&
  killed.includes('guardian') &&
  listBalloon(target.pod).length === 0;

const repairAndLook = async ({target, before}: Scene, first: Rest): Promise<Settled> => {
  const repaired = await tryRepair(target);
  const last = await untilNothing(() => findLeftovers(target, before));
  return {
    repaired,
    settledMilliseconds: first.milliseconds + last.milliseconds,
    leftovers: [...first.left, ...last.left],
  };
};

const withoutRepair = ({milliseconds, left}: Rest): Settled => ({
  repaired: undefined,
  settledMilliseconds: milliseconds,
  leftovers: left,
});

const tryRepair = ({pod, version}: TestTarget): Promise<string> =>
  repair(BALLOON, [`--boundary=${pod}`, `--version=${version}`]).catch((error: Error) => error.message);

/** Waits until nothing is left to name, at most the time that survivors have. */
const untilNothing = async (look: () => string[]): Promise<Rest> => {
  const started = performance.now();
  for (;;) {
    const left = look();
    const milliseconds = performance.now() - started;
    if (left.length === 0 || milliseconds > SETTLE_MILLISECONDS) return {milliseconds, left};
    await wait(5);
  }
};
