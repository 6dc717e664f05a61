import type {Evidence} from './evidence.ts';
import type {Criteria} from './settings.ts';
import {type Bytes, MIB} from './units.ts';

/** Less is not worth a verdict, however small the target is. */
const LEAST_RECLAIMED_BYTES = 8 * MIB;

/**
 * How much must have been taken back for the verdict Reclaimable; undefined where it is not known what that would be a
 * share of, or what the counters may be off by.
 */
export const reclaimedThreshold = (
  {baselineBytes, epsilonBytes}: Evidence,
  {minReclaimedPercent}: Pick<Criteria, 'minReclaimedPercent'>,
): Bytes | undefined =>
  baselineBytes === undefined || epsilonBytes === undefined
    ? undefined
    : Math.max((baselineBytes * minReclaimedPercent) / 100, LEAST_RECLAIMED_BYTES, 2 * epsilonBytes);
