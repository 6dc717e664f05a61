import type {ExecutionContext} from 'ava';
import {hasBalloonCgroup, readKills, readLimits, type TestTarget} from './cgroups.ts';

/** What a test itself does to its target: kills by limits that it set, and limits that it changes in the middle. */
export type OwnDoing = {kills?: number; changeLimits?: (limits: string[]) => string[]};

/** Notes a target's limits and gives the check that a probe left it as it was: limits, no kill, no cgroup of ours. */
export const noteState = (
  t: ExecutionContext,
  target: TestTarget,
  {kills = 0, changeLimits = limits => limits}: OwnDoing = {},
): (() => void) => {
  const limits = changeLimits(readLimits(target));
  return () => {
    t.deepEqual(readLimits(target), limits, 'a limit was left changed');
    t.is(readKills(target, 'container'), kills, 'the kernel killed somebody in the container');
    t.true(readKills(target) <= kills, 'the kernel killed somebody in the pod');
    t.false(hasBalloonCgroup(target), "the balloon's cgroup was left behind");
  };
};
