import {epsilonBytes} from '../domain/epsilon.ts';
import {present} from '../domain/present.ts';
import {lazyFreeMaxBytes, type Sample} from '../domain/sample.ts';
import type {HoldRead} from '../domain/squeeze-result.ts';
import {KIB} from '../domain/units.ts';
import type {Context} from './context.ts';
import type {Target} from './target.ts';

/** The lists hold no more than pages on their way through the CPUs' batches: then there is nothing to count. */
const NEXT_TO_NOTHING_BYTES = 64 * KIB;
/** The walk over a target's pages takes 3 ms for 100 MiB: once it is known to, at most this share of the hold. */
const MAX_WALK_SHARE = 0.01;
const QUICK_WALK_MILLISECONDS = 30;
/** Right after something was freed lazily, where a walk is quick; so many in any case, since giving back takes a while too. */
const MAX_VALLEY_SHARE = 0.05;
const VALLEY_WALKS = 4;
/** So many quick walks at the beginning may follow each other at once. */
const FREE_WALKS = 3;

/**
 * Reads with LazyFree of the target as often as its size allows; undefined in between. What was freed just now shows on the
 * lists, and then least is held: a heap that is freed lazily has its valley there, and the walk cannot wait.
 */
export const countSparingly = ({world, target}: Context): ((sample: Sample) => HoldRead | undefined) => {
  const {monotonicMilliseconds, machine} = world;
  const start = monotonicMilliseconds();
  let last: Walk = {tookMilliseconds: 0, cpuMilliseconds: 0};
  let [walks, nextWalk, inValleys, lastMaxBytes] = [0, 0, 0, 0];
  const isValley = (maxBytes: number, now: number): boolean => {
    const mostInValleys = Math.max(VALLEY_WALKS * last.tookMilliseconds, MAX_VALLEY_SHARE * (now - start));
    return (
      maxBytes - lastMaxBytes > epsilonBytes(machine.cpus) &&
      last.cpuMilliseconds <= QUICK_WALK_MILLISECONDS &&
      inValleys + last.tookMilliseconds <= mostInValleys
    );
  };
  return sample => {
    const now = monotonicMilliseconds();
    const maxBytes = lazyFreeMaxBytes(sample);
    const [isDue, isNow] = [now >= nextWalk, isValley(maxBytes, now)];
    lastMaxBytes = maxBytes;
    if (maxBytes <= NEXT_TO_NOTHING_BYTES) return {sample, lazyFreeBytes: 0};
    if (!isDue && !isNow) return undefined;
    const {lazyFreeBytes, ...walk} = timeWalk(target, monotonicMilliseconds);
    last = walk;
    walks += 1;
    if (!isDue) inValleys += walk.tookMilliseconds;
    nextWalk = now + restAfter(walk, walks);
    // What was freed during the walk is on the lists only now, and no more than they have is left out.
    const isLate = lazyFreeBytes !== undefined && lazyFreeBytes > maxBytes;
    return {sample: isLate ? target.glance() : sample, ...present({lazyFreeBytes})};
  };
};

/** On a machine that is busy with others a walk takes longer than it costs. */
type Walk = {tookMilliseconds: number; cpuMilliseconds: number};

/** Milliseconds from the beginning of a walk to that of the next. */
const restAfter = ({tookMilliseconds}: Walk, walks: number): number =>
  walks < FREE_WALKS && tookMilliseconds <= QUICK_WALK_MILLISECONDS ? 0 : tookMilliseconds / MAX_WALK_SHARE;

const timeWalk = (target: Target, clock: () => number): Walk & {lazyFreeBytes: number | undefined} => {
  const [start, cpuStart] = [clock(), process.cpuUsage()];
  const lazyFreeBytes = target.sumLazyFreeBytes();
  const {user, system} = process.cpuUsage(cpuStart);
  return {lazyFreeBytes, tookMilliseconds: clock() - start, cpuMilliseconds: (user + system) / 1000};
};
