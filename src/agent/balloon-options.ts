import {nodeFloorBytes} from '../domain/guards.ts';
import type {Settings} from '../domain/settings.ts';
import {MIB} from '../domain/units.ts';
import type {BalloonOptions} from './balloon.ts';
import type {Context} from './context.ts';
import {readCpuQuota} from './limits.ts';
import {chooseNodeCap} from './node-cap.ts';
import {findOwnPod} from './own-pod.ts';
import type {Target} from './target.ts';

/** One slice of the balloon may sleep so long at the boundary, the target with it. By its share of a CPU the guardian gives more. */
const STEP_PATIENCE_MILLISECONDS = 100;
/** Room for what the target may free during the baseline; the plan's own cap is narrower, this one stops an overshoot. */
const CAP_MARGIN_BYTES = 64 * MIB;
/** Share of the pod's CPU that the balloon may take, where it counts against the pod. */
const CPU_SHARE = 0.2;
/** Less, and a healthy step would look like one that the kernel holds up. */
const MIN_CPU_PERCENT = 5;
/** One thread fills one CPU: the quota then binds nothing, the lowest weight does. */
const ONE_CPU_PERCENT = 100;

/** What one round's balloon is started with. */
export const toBalloonOptions = ({settings, world, target, deadline}: Context): BalloonOptions => {
  const {cgroup} = target;
  const isForNode = settings.pressure.scope === 'Node';
  const boundary = isForNode ? findOwnPod(cgroup, world.config.procRoot) : cgroup.pod;
  const cpuPercent = cgroup.version === 2 ? chooseCpuPercent(readCpuQuota(boundary)) : 0;
  return {
    binary: world.config.balloonPath,
    method: settings.pressure.method === 'Reclaim' ? 'reclaim' : 'balloon',
    root: cgroup.root,
    boundary,
    target: cgroup.container,
    version: cgroup.version,
    capBytes: isForNode ? chooseNodeCap(settings, world.machine) : choosePodCap(settings, target),
    deadlineMilliseconds: Math.max(1, Math.floor(deadline.remainingMilliseconds())),
    maxPressurePercent: Math.min(100, Math.max(1, Math.round(settings.guards.maxPressurePercent))),
    minNodeAvailableBytes: nodeFloorBytes(settings, world.machine.memoryBytes),
    stepPatienceMilliseconds: STEP_PATIENCE_MILLISECONDS,
    cpuPercent,
    node: isForNode,
  };
};

const choosePodCap = ({pressure}: Settings, target: Target): number => {
  const {usageBytes = 0} = target.look().pod;
  return pressure.maxSizeBytes ?? usageBytes + pressure.stepSizeBytes + CAP_MARGIN_BYTES;
};

const chooseCpuPercent = (podCpus: number): number =>
  Math.round(Math.min(ONE_CPU_PERCENT, Math.max(MIN_CPU_PERCENT, podCpus * CPU_SHARE * 100)));
