import {existsSync, readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {findContainerCgroup} from '../domain/cgroup-path.ts';
import {AgentFailure, isGone} from './failure.ts';

/** Where the memory controller lives on this machine. */
export type Hierarchy = {version: 1 | 2; root: string};

/** The target's container and its pod, whose cgroup is the boundary of the pressure. Absolute directories. */
export type TargetCgroup = Hierarchy & {container: string; pod: string};

/**
 * Finds the memory controller: cgroup2 at the root, cgroup2 beside v1 hierarchies where it owns memory, or v1.
 * Throws BalloonFailed where there is none.
 */
export const findHierarchy = (cgroupRoot: string): Hierarchy => {
  const unified = [cgroupRoot, path.join(cgroupRoot, 'unified')].find(ownsMemory);
  if (unified !== undefined) return {version: 2, root: unified};
  const legacy = path.join(cgroupRoot, 'memory');
  if (existsSync(path.join(legacy, 'memory.usage_in_bytes'))) return {version: 1, root: legacy};
  throw new AgentFailure(
    'BalloonFailed',
    `no memory controller below ${cgroupRoot}: neither cgroup.controllers with "memory" nor memory/memory.usage_in_bytes`,
  );
};

/**
 * Finds a container's cgroup by its id alone: the kubelet's parent folder and driver differ from node to node. Throws
 * TargetGone where it lies in no pod's cgroup, since it is not running here then.
 */
export const findContainer = ({version, root}: Hierarchy, containerID: string): TargetCgroup => {
  const found = findContainerCgroup(listTree(root), containerID);
  if (found !== undefined) return {version, root, ...found};
  throw new AgentFailure('TargetGone', `container ${containerID} has no cgroup in a pod's below ${root}`);
};

/** The target of a run that was given a cgroup instead of a container id. */
export const toTarget = (
  hierarchy: Hierarchy,
  container: string,
  boundary = path.dirname(container),
): TargetCgroup => {
  if (!existsSync(path.join(container, 'cgroup.procs'))) {
    throw new AgentFailure('TargetGone', `${container} is not a cgroup: it has no cgroup.procs`);
  }
  return {...hierarchy, container, pod: boundary};
};

/** A cgroup and all below it, itself first. */
export const listTree = (directory: string): string[] => [
  directory,
  ...listChildren(directory).flatMap(name => listTree(path.join(directory, name))),
];

/**
 * The cgroups beside some others, all the way up to `directory`: together with those they hold everybody below it, each with all
 * that is in it as one.
 */
export const listBeside = (directory: string, others: readonly string[]): string[] =>
  listChildren(directory)
    .map(name => path.join(directory, name))
    .filter(child => !others.includes(child))
    .flatMap(child =>
      others.some(other => other.startsWith(`${child}/`)) ? listBeside(child, others) : [child],
    );

/** Names of the cgroups in a cgroup; none where it is gone: another pod's may end during a walk. */
export const listChildren = (directory: string): string[] => {
  try {
    return readdirSync(directory, {withFileTypes: true})
      .filter(entry => entry.isDirectory())
      .map(entry => entry.name);
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
};

const ownsMemory = (directory: string): boolean => {
  const file = path.join(directory, 'cgroup.controllers');
  return existsSync(file) && readFileSync(file, 'utf8').split(/\s+/).includes('memory');
};
