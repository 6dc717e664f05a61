import {existsSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {parseProcessCgroup} from '../domain/cgroup-path.ts';
import {formatMebibytes} from '../domain/quantity.ts';
import type {TargetCgroup} from './cgroup-tree.ts';
import {AgentFailure} from './failure.ts';
import {readBoundaryLimits} from './limits.ts';
import {BALLOON_CGROUP} from './restoration.ts';

/**
 * The pod's cgroup around this very process: where a balloon sits that presses the whole node. A privileged container
 * sees the host's cgroup tree; another one sees itself as the root, and cannot know. Throws NotPermitted, or
 * BalloonFailed where a limit would keep the pressure from the node.
 */
export const findOwnPod = (target: TargetCgroup, procRoot: string): string => {
  const own = parseProcessCgroup(readFileSync(path.join(procRoot, 'self/cgroup'), 'latin1'));
  const pod = own && path.dirname(path.join(target.root, own.path));
  const isSeen = own?.version === target.version && !own.path.includes('/..') && pod?.startsWith(target.root);
  if (pod === undefined || !isSeen || pod === target.root || !existsSync(pod))
    throw new AgentFailure(
      'NotPermitted',
      `the agent does not see the cgroup of its own pod below ${target.root} (${own?.path ?? 'none'}): scope Node needs a privileged pod`,
    );
  checkBoundary(pod, target);
  return pod;
};

const checkBoundary = (pod: string, target: TargetCgroup): void => {
  if (target.container.startsWith(`${pod}/`))
    throw new AgentFailure('NotPermitted', 'scope Node needs a balloon in another pod than the target');
  const {limitBytes = Number.POSITIVE_INFINITY} = readBoundaryLimits({...target, pod});
  if (limitBytes !== Number.POSITIVE_INFINITY)
    throw new AgentFailure(
      'BalloonFailed',
      `the balloon pod has a memory limit of ${formatMebibytes(limitBytes)}, so it cannot press the node: keep LimitRanges away from its namespace`,
    );
  if (existsSync(path.join(target.pod, BALLOON_CGROUP)))
    throw new AgentFailure('Busy', `another balloon holds ${target.pod}`);
};
