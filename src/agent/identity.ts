import {statSync} from 'node:fs';
import {listChildren, type TargetCgroup} from './cgroup-tree.ts';
import {AgentFailure, isGone} from './failure.ts';
import {isSame, listProcesses, type Process} from './processes.ts';
import {BALLOON_CGROUP} from './restoration.ts';

/** Whether the target is still the one that the run began with (invariant I5). */
export type Identity = {
  /** Throws TargetGone or TargetChanged. */
  check: () => void;
  /** The same failure, or TargetChanged where the pod has meanwhile got a new container. */
  explain: (failure: AgentFailure) => AgentFailure;
};

export const noteIdentity = (cgroup: TargetCgroup, procRoot: string): Identity => {
  const inode = readInode(cgroup.container);
  const siblings = new Set(listChildren(cgroup.pod));
  const processes = listProcesses(cgroup.container, procRoot);
  if (processes.length === 0) throw new AgentFailure('TargetGone', `no process runs in ${cgroup.container}`);

  const check = (): void => {
    if (readInode(cgroup.container) !== inode) {
      throw new AgentFailure('TargetChanged', `the cgroup ${cgroup.container} was removed and made again`);
    }
    if (processes.some(process => isSame(process, procRoot))) return;
    const successors = listProcesses(cgroup.container, procRoot);
    throw successors.length === 0
      ? new AgentFailure('TargetGone', `the last process in ${cgroup.container} ended`)
      : new AgentFailure('TargetChanged', describeReplacement(processes, successors));
  };
  const explain = (failure: AgentFailure): AgentFailure => {
    if (failure.reason !== 'TargetGone') return failure;
    const newcomer = listChildren(cgroup.pod).find(name => name !== BALLOON_CGROUP && !siblings.has(name));
    if (newcomer === undefined) return failure;
    return new AgentFailure(
      'TargetChanged',
      `the container was started again: ${newcomer} is new in its pod`,
      {
        cause: failure,
      },
    );
  };
  return {check, explain};
};

const readInode = (directory: string): number => {
  try {
    return statSync(directory).ino;
  } catch (error) {
    if (!isGone(error)) throw error;
    throw new AgentFailure('TargetGone', `the cgroup ${directory} was removed`, {cause: error});
  }
};

const describeReplacement = (before: Process[], after: Process[]): string =>
  `all of the target's processes were replaced: ${listPids(before)} ended, ${listPids(after)} came`;

const listPids = (processes: Process[]): string =>
  processes
    .slice(0, 5)
    .map(({pid}) => pid)
    .join(', ');
