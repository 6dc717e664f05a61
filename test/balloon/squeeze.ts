import {anonOf, killsOf, limitOf, MIB, type Pod, usageOf} from './pod.ts';
import {type Balloon, numberOf} from './program.ts';

/** What a squeeze did: the target's memory after each step, and the answer that ended it. */
export type Squeeze = {anonBytes: number[]; end: string; limits: string[]; kills: number};

const STEP = 16 * MIB;

/** What the next step presses with: v2 leaves the boundary as `squeeze` set it, v1 shrinks to the usage before the step. */
const stepCommand = (pod: Pod, bytes: number): string =>
  pod.version === 2 ? `inflate bytes=${bytes}` : `inflate bytes=${bytes} limit=${usageOf(pod)}`;

export const openSqueeze = (pod: Pod, balloon: Balloon): Promise<string> =>
  balloon.ask(pod.version === 2 ? `squeeze high=${usageOf(pod) + STEP}` : 'squeeze');

export const stepOnce = async (pod: Pod, balloon: Balloon): Promise<string> => {
  const held = numberOf(await balloon.ask('state'), 'bytes');
  return balloon.ask(stepCommand(pod, held + STEP));
};

/** To the floor and past it: until a step takes nothing more (v1: busy) or stalls (v2). Leaves the boundary restored. */
export const squeeze = async (pod: Pod, balloon: Balloon): Promise<Squeeze> => {
  const anonBytes = [anonOf(pod)];
  const limits: string[] = [];
  let end = await openSqueeze(pod, balloon);
  for (const start = performance.now(); performance.now() - start < 20_000; ) {
    end = await stepOnce(pod, balloon);
    anonBytes.push(anonOf(pod));
    limits.push(limitOf(pod));
    if (!/^inflated (?!.*busy)/.test(end)) break;
  }
  await balloon.ask('restore');
  return {anonBytes, end, limits, kills: killsOf(pod)};
};
