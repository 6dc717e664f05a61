import type {RecordLine} from '../domain/record.ts';
import type {Sample} from '../domain/sample.ts';
import {findContainer, findHierarchy, type TargetCgroup, toTarget} from './cgroup-tree.ts';
import type {Config} from './config.ts';
import {type Identity, noteIdentity} from './identity.ts';
import {readUptimeSeconds} from './machine.ts';
import {listProcesses, type Process, sumRollups} from './processes.ts';
import {openSampler} from './sampler.ts';
import {completeSwap} from './shared-swap.ts';
import type {World} from './world.ts';

/** Container and pod at one moment. */
export type Look = {target: Sample; pod: Sample};

/** The container under probe. */
export type Target = {
  cgroup: TargetCgroup;
  identity: Identity;
  ageSeconds?: number;
  /** Samples container and pod, and writes both into the record. Throws TargetGone. */
  look: () => Look;
  /** The container alone: half the work, for the long stretches at 20 Hz. */
  lookAtContainer: () => Sample;
  /** The same between two looks, not written into the record. */
  glance: () => Sample;
  listProcesses: () => Process[];
  /** Sum of LazyFree over its processes; undefined where one could not be read. */
  sumLazyFreeBytes: () => number | undefined;
  close: () => void;
};

export const findTarget = (config: Config, containerID: string): TargetCgroup => {
  const hierarchy = findHierarchy(config.cgroupRoot);
  return config.targetCgroup === undefined
    ? findContainer(hierarchy, containerID)
    : toTarget(hierarchy, config.targetCgroup, config.boundaryCgroup);
};

export const openTarget = (cgroup: TargetCgroup, world: World): Target => {
  const {procRoot} = world.config;
  const identity = noteIdentity(cgroup, procRoot);
  const swapTotalBytes = world.machine.swapTotalBytes;
  const samplers = {
    target: openSampler(cgroup.version, cgroup.container, swapTotalBytes),
    pod: openSampler(cgroup.version, cgroup.pod, swapTotalBytes),
  };
  const list = (): Process[] => listProcesses(cgroup.container, procRoot);
  const ageSeconds = readAge(list(), procRoot);
  const complete = {target: completeSwap(list, world), pod: (sample: Sample) => sample};
  const take = (of: 'target' | 'pod'): Sample =>
    complete[of](samplers[of].sample(Math.round(world.monotonicMilliseconds())));
  const sample = (of: 'target' | 'pod'): Sample => {
    const taken = take(of);
    const line: RecordLine = {type: 'sample', time: world.wallClock().toISOString(), of, sample: taken};
    world.writeLine(line);
    return taken;
  };
  return {
    cgroup,
    identity,
    ...(ageSeconds !== undefined && {ageSeconds}),
    look: () => ({target: sample('target'), pod: sample('pod')}),
    lookAtContainer: () => sample('target'),
    glance: () => take('target'),
    listProcesses: list,
    sumLazyFreeBytes: () => sumRollups(list(), world.config)?.lazyFreeBytes,
    close: () => {
      samplers.target.close();
      samplers.pod.close();
    },
  };
};

/** Age of the oldest process: since then the target has been warming up. */
export const readAge = (processes: Process[], procRoot: string): number | undefined => {
  const uptime = readUptimeSeconds(procRoot);
  if (uptime === undefined || processes.length === 0) return undefined;
  return Math.max(0, Math.round(uptime - Math.min(...processes.map(({startSeconds}) => startSeconds))));
};
