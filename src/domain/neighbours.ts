import type {Trip} from './guards.ts';
import type {GuardSettings} from './settings.ts';

/** How long somebody had stalled on memory, since its cgroup was made, at one moment: PSI `some` total. */
export type Stall = {timeMilliseconds: number; stalledMicroseconds: number};
/** What is remembered of one cgroup: as many looks, the oldest first, as cover the window. */
export type StallTrail = readonly Stall[];

/** What the guardian looks back on for the target too. */
const WINDOW_MILLISECONDS = 500;
/** Name of the guard that keeps those from harm whom the probe is not about. */
const NEIGHBOUR_GUARD = 'neighbourPressure';

/** One more look; those that the window does not need any more are dropped. */
export const noteStall = (trail: StallTrail | undefined, stall: Stall): StallTrail => {
  const all = [...(trail ?? []), stall];
  const first = all.findLastIndex(
    ({timeMilliseconds}) => stall.timeMilliseconds - timeMilliseconds >= WINDOW_MILLISECONDS,
  );
  return all.slice(Math.max(0, first));
};

/**
 * Trips when anybody beside the target stalled on memory for more than `maxPressurePercent` of the last half second: who is
 * pressed without having been asked is spared no less than the target.
 */
export const checkNeighbours = (
  {maxPressurePercent}: GuardSettings,
  trails: ReadonlyMap<string, StallTrail>,
): Trip | undefined => {
  for (const [name, trail] of trails) {
    const percent = stalledPercent(trail);
    if (percent !== undefined && percent > maxPressurePercent)
      return {
        guard: NEIGHBOUR_GUARD,
        message: `${name} stalled on memory for ${Math.round(percent)} % of the time, more than maxPressurePercent (${maxPressurePercent}).`,
      };
  }
  return undefined;
};

/** Undefined until the looks cover the window: less says nothing. */
const stalledPercent = (trail: StallTrail): number | undefined => {
  const [first, last] = [trail[0], trail.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const elapsed = last.timeMilliseconds - first.timeMilliseconds;
  if (elapsed < WINDOW_MILLISECONDS) return undefined;
  return (last.stalledMicroseconds - first.stalledMicroseconds) / 10 / elapsed;
};
