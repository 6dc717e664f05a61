import type {GuardFacts} from '../domain/guards.ts';
import {type Sample, takeableBytes} from '../domain/sample.ts';
import type {Settings} from '../domain/settings.ts';
import type {Context} from './context.ts';
import {AgentFailure} from './failure.ts';
import type {Look} from './target.ts';

/** The cgroup that the kernel takes from: the pod's beside a balloon, the container's own where it is asked (Reclaim). */
export const pressedOf = ({pressure}: Settings, {pod, target}: Look): Sample =>
  pressure.method === 'Reclaim' ? target : pod;

/** File lists alone: what would have to be swapped is not aimed at. */
export const takeable = (settings: Settings, look: Look): number => takeableBytes(pressedOf(settings, look));

/** Every limit is counted from the usage: without it there is no squeeze. */
export const usageOf = (settings: Settings, look: Look): number => {
  const {usageBytes} = pressedOf(settings, look);
  if (usageBytes !== undefined) return usageBytes;
  throw new AgentFailure('BalloonFailed', 'the kernel does not say what the pressed cgroup uses');
};

/** What the guards go by, since the squeeze began. */
export const guardFactsOf = ({settings, world}: Context, before: Look, now: Look): GuardFacts => ({
  before: pressedOf(settings, before),
  now: pressedOf(settings, now),
  pageSizeBytes: world.machine.pageSizeBytes,
});
