import {randomBytes, randomUUID} from 'node:crypto';
import {readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {
  type Cgroups,
  findPlace,
  hasBalloonCgroup,
  makeCgroups,
  readKills,
  readLimits,
  removeCgroups,
} from '../agent/cgroups.ts';
import type {Case} from './cases.ts';

/** Of this process alone: the agent looks for the id on all of the machine, where another checkout may run its cases. */
export const makeContainerID = (): string => randomBytes(32).toString('hex');

type Names = [pod: string, container: string];

/** Where the kubelet and the runtime put a pod and its container, by the kubelet's cgroup driver. */
const LAYOUTS: Record<Case['layout'], (uid: string, containerID: string) => Names> = {
  cgroupfs: (uid, containerID) => [`kubepods/burstable/pod${uid}`, containerID],
  systemd: (uid, containerID) => [
    `kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${uid.replaceAll('-', '_')}.slice`,
    `cri-containerd-${containerID}.scope`,
  ],
};

const BASE = `kernels-${process.pid}`;
/** An emulated machine is slow. */
const REMOVAL_MILLISECONDS = 20_000;

/** A pod as a node has it, without a node. */
export const makePod = (layout: Case['layout'], containerID: string): Cgroups => {
  const [pod, container] = LAYOUTS[layout](randomUUID(), containerID);
  return makeCgroups(path.join(BASE, pod), container);
};

/** Every pod that was made. */
export const removePods = (): Promise<void> => removeCgroups(findPlace(BASE), REMOVAL_MILLISECONDS);

/** Notes the limits, and gives what later finds out what a probe did or left behind: nothing, or one line for each. */
export const noteState = (pod: Cgroups, pid: number): (() => string[]) => {
  const limits = String(readLimits(pod));
  return () =>
    [
      String(readLimits(pod)) !== limits && 'a limit was left changed',
      readKills(pod) > 0 && 'the kernel killed somebody',
      hasBalloonCgroup(pod) && "the balloon's cgroup was left behind",
      !isAlive(pid) && 'the target ended',
    ].filter(line => line !== false);
};

const isAlive = (pid: number): boolean => {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[2] !== 'Z';
  } catch {
    return false;
  }
};

/** What MemoryQoS gives a Guaranteed container (v2). */
export const protectContainer = ({container}: Cgroups, bytes: number): void =>
  writeFileSync(path.join(container, 'memory.min'), String(bytes));
