import {epsilonBytes} from '../domain/epsilon.ts';
import type {Sample} from '../domain/sample.ts';
import type {Settings} from '../domain/settings.ts';
import {addLook, hiddenBytes, NO_VALLEYS} from '../domain/valley.ts';
import type {Look, Target} from './target.ts';
import type {Deadline, World} from './world.ts';

/** What every part of a run works with. */
export type Context = {settings: Settings; world: World; target: Target; deadline: Deadline};

/** 20 Hz: a sawtooth of a garbage collector is seen, and the agent stays below 2 % of a core. */
export const LOOK_MILLISECONDS = 50;
const IDENTITY_MILLISECONDS = 500;

/** How often what moves is looked at. */
const QUICK_LOOK_MILLISECONDS = 10;

/** How long valleys are watched: `longestMilliseconds` where looks came so late that the least is not known. */
export type Length = {milliseconds: number; longestMilliseconds: number};

/**
 * Watches the valleys of what moves for a time, over several rounds: between two looks at 20 Hz a heap that rises by 100 MiB a
 * second is read 5 MiB too high. The quick looks come only while it moves by more than the counters are off by, and are not
 * written into the record. On a busy machine a look may come so late that a valley is over: then the watch goes on for another
 * one. `read` gives what of a look is to be least. Gives by how much a valley may lie below the least.
 */
export const watchValleys = async (
  context: Context,
  {milliseconds, longestMilliseconds}: Length,
  read: (sample: Sample) => number | undefined,
): Promise<number> => {
  const {world, target, deadline} = context;
  const {monotonicMilliseconds} = world;
  const epsilon = epsilonBytes(world.machine.cpus);
  const start = monotonicMilliseconds();
  let valleys = NO_VALLEYS;
  let last: number | undefined;
  let isMoving = false;
  const take = (sample: Sample): void => {
    const look = {timeMilliseconds: monotonicMilliseconds(), bytes: read(sample)};
    valleys = addLook(valleys, look, epsilon);
  };
  const hidden = (): number => hiddenBytes(valleys, QUICK_LOOK_MILLISECONDS);
  const isEnough = (): boolean => {
    const watched = monotonicMilliseconds() - start;
    return watched >= (hidden() <= epsilon ? milliseconds : longestMilliseconds);
  };
  await watch(
    context,
    sample => {
      isMoving = last !== undefined && Math.abs(sample.anonBytes - last) > epsilon;
      last = sample.anonBytes;
      take(sample);
      return isEnough();
    },
    async until => {
      while (isMoving && until - monotonicMilliseconds() > QUICK_LOOK_MILLISECONDS) {
        await deadline.pause(QUICK_LOOK_MILLISECONDS);
        take(target.glance());
      }
    },
  );
  return hidden();
};

/**
 * Looks at the target's container every 50 ms until `isEnough`, which is asked after each look. Throws what ends a run: the target
 * changed, the deadline, the order to stop.
 */
export const watch = async (
  {world, target, deadline}: Context,
  isEnough: (sample: Sample) => boolean,
  beside: (untilMilliseconds: number) => Promise<void> = async () => undefined,
): Promise<void> => {
  const start = world.monotonicMilliseconds();
  let nextIdentity = start;
  for (let count = 1; ; count += 1) {
    deadline.check();
    if (world.monotonicMilliseconds() >= nextIdentity) {
      target.identity.check();
      nextIdentity = world.monotonicMilliseconds() + IDENTITY_MILLISECONDS;
    }
    if (isEnough(target.lookAtContainer())) return;
    await beside(start + count * LOOK_MILLISECONDS);
    // A grid from the start on: a late look does not put off those after it.
    await deadline.pause(Math.max(1, start + count * LOOK_MILLISECONDS - world.monotonicMilliseconds()));
  }
};

/** Looks at the target until a moment of the monotonic clock, and once more then; that last look is given. */
export const watchUntil = async (context: Context, dueMilliseconds: number): Promise<Look> => {
  const {world, target, deadline} = context;
  for (;;) {
    deadline.check();
    const look = target.look();
    const left = dueMilliseconds - world.monotonicMilliseconds();
    if (left <= 0) return look;
    await deadline.pause(Math.min(left, LOOK_MILLISECONDS));
  }
};

/** Waits without looking at memory, and still notices within half a second that the target is not the same any more. */
export const waitBeside = async ({world, target, deadline}: Context, milliseconds: number): Promise<void> => {
  const end = world.monotonicMilliseconds() + milliseconds;
  for (let left = milliseconds; left > 0; left = end - world.monotonicMilliseconds()) {
    await deadline.pause(Math.min(left, IDENTITY_MILLISECONDS));
    target.identity.check();
  }
};
