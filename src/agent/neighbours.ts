import {readFileSync} from 'node:fs';
import path from 'node:path';
import {checkNeighbours, noteStall, type StallTrail} from '../domain/neighbours.ts';
import type {Stop} from '../domain/plan.ts';
import {parsePressure} from '../domain/psi.ts';
import type {Balloon} from './balloon.ts';
import {listBeside} from './cgroup-tree.ts';
import type {Context} from './context.ts';
import {isGone, isNotSupported} from './failure.ts';
import {findOwnPod} from './own-pod.ts';

/** Everybody else on a node that is pressed. */
export type Neighbours = {
  /** Why the balloon was let go of on their account. Throws where they could not be looked at. */
  trip: () => Stop | undefined;
  close: () => void;
};

const LOOK_MILLISECONDS = 250;
/** A look at 100 pods takes 3 ms: on a node with very many, or a very slow one, looks come less often. */
const MAX_LOOK_SHARE = 0.05;

/**
 * Looks at the memory pressure (PSI) of all cgroups beside the target's container and the balloon's pod, and lets go at once,
 * also in the middle of a step, when somebody there stalls. v1 does not tell; nor does a kernel without PSI.
 */
export const watchNeighbours = ({settings, world, target}: Context, balloon: Balloon): Neighbours => {
  const {version, root, container} = target.cgroup;
  if (version === 1) return {trip: () => undefined, close: () => undefined};
  const paths = [container, findOwnPod(target.cgroup, world.config.procRoot)];
  const {monotonicMilliseconds} = world;
  let trails = new Map<string, StallTrail>();
  let trip: Neighbours['trip'] = () => undefined;
  let timer: NodeJS.Timeout;
  const letGo = (explain: Neighbours['trip']): void => {
    trip = explain;
    // Its failure is seen by whoever talks to the balloon next.
    balloon.release().catch(() => undefined);
  };
  const look = (): void => {
    const started = monotonicMilliseconds();
    trails = lookAt(listBeside(root, paths), trails, started);
    const tripped = checkNeighbours(settings.guards, trails);
    const took = monotonicMilliseconds() - started;
    if (tripped === undefined) timer = setTimeout(lookOn, Math.max(LOOK_MILLISECONDS, took / MAX_LOOK_SHARE));
    else letGo(() => ({kind: 'stop', cause: 'Guard', guard: tripped.guard}));
  };
  /** What goes wrong in a timer ends the run where somebody waits for it. */
  const lookOn = (): void => {
    try {
      look();
    } catch (error) {
      letGo(() => {
        throw error;
      });
    }
  };
  look();
  return {trip: () => trip(), close: () => clearTimeout(timer)};
};

/** Who is gone is forgotten. */
const lookAt = (
  cgroups: readonly string[],
  trails: ReadonlyMap<string, StallTrail>,
  timeMilliseconds: number,
): Map<string, StallTrail> =>
  new Map(
    cgroups.flatMap(cgroup => {
      const stalledMicroseconds = readStalled(cgroup);
      return stalledMicroseconds === undefined
        ? []
        : [[cgroup, noteStall(trails.get(cgroup), {timeMilliseconds, stalledMicroseconds})]];
    }),
  );

const readStalled = (cgroup: string): number | undefined => {
  try {
    return parsePressure(readFileSync(path.join(cgroup, 'memory.pressure'), 'latin1'))?.someTotalMicroseconds;
  } catch (error) {
    if (isGone(error) || isNotSupported(error)) return undefined;
    throw error;
  }
};
