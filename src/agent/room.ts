import {HEADROOM_GUARD, hasRoomToEnter} from '../domain/plan.ts';
import {present} from '../domain/present.ts';
import {takeableBytes} from '../domain/sample.ts';
import type {SqueezeResult} from '../domain/squeeze-result.ts';
import type {Context} from './context.ts';
import {readBoundaryLimits} from './limits.ts';

/** Whether anything of ours may enter the target's pod at all, with either method. A balloon for the node stays outside. */
export const hasRoomInPod = ({settings: {pressure}, target}: Context): boolean => {
  if (pressure.scope !== 'Pod') return true;
  const {limitBytes} = readBoundaryLimits(target.cgroup);
  const {pod} = target.look();
  return hasRoomToEnter({
    takeableBytes: takeableBytes(pod),
    ...present({limitBytes, usageBytes: pod.usageBytes}),
  });
};

/** What a round is that ended before anything came in. */
export const endForLackOfRoom = ({evidence}: SqueezeResult): SqueezeResult => ({
  evidence: {...evidence, stopCause: 'Guard', stopGuard: HEADROOM_GUARD},
});
