import {readFileSync} from 'node:fs';
import path from 'node:path';
import {parseMemoryStat} from '../domain/memory-stat.ts';
import {AgentFailure} from './failure.ts';
import type {World} from './world.ts';

/** What a node swapped out since it started, compressed or not. Not every kernel counts the last two. */
const COUNTERS = ['pswpout', 'zswpout', 'swpout_zero'];

/** In bytes; undefined where the kernel does not count it. */
export const readSwappedOut = ({config, machine}: World): number | undefined => {
  const counters = parseMemoryStat(readFileSync(path.join(config.procRoot, 'vmstat'), 'latin1'));
  if (!counters.has('pswpout')) return undefined;
  return COUNTERS.reduce((sum, name) => sum + (counters.get(name) ?? 0), 0) * machine.pageSizeBytes;
};

/** Throws NotPermitted where the node has swap and nobody could tell that it is used: anybody could be pushed out. */
export const checkSwapIsSeen = (world: World): void => {
  if (world.machine.swapTotalBytes === 0 || readSwappedOut(world) !== undefined) return;
  throw new AgentFailure(
    'NotPermitted',
    'the node has swap and /proc/vmstat has no pswpout: what a balloon pushes out could not be seen; use scope Pod',
  );
};
