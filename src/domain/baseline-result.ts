import type {Evidence} from './evidence.ts';
import type {Sample} from './sample.ts';
import {type SqueezeRecord, summarizeSqueeze} from './squeeze-result.ts';

/** What is known before any pressure. */
export type BaselineRecord = Pick<
  SqueezeRecord,
  'baseline' | 'lazyFreeMinBytes' | 'epsilonBytes' | 'time'
> & {
  /** The cgroup that would be pressed. */
  pressed: Sample;
};

/** The evidence of a look without a squeeze: baseline, prediction and composition. */
export const summarizeBaseline = ({pressed, ...record}: BaselineRecord): Evidence => {
  const {evidence} = summarizeSqueeze({
    ...record,
    pressed: {before: pressed, after: pressed},
    hold: [],
    stop: {kind: 'stop', cause: 'Exhausted'},
    steps: 0,
    curve: [],
  });
  const {stopCause, steps, curve, fileReclaimedBytes, refaultedBytes, boundaryEvents, ...rest} = evidence;
  return rest;
};
