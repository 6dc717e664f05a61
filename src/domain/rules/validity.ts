import {computeExhaustedBytes} from '../epsilon.ts';
import type {Evidence, StopCause} from '../evidence.ts';
import {formatMebibytes} from '../quantity.ts';
import type {ReasonOf} from '../reasons.ts';
import {exhaustedSqueezes, inconclusive, isExplained, type Rule} from './rule.ts';

/**
 * Rule 4: there was something to take, nothing fell, and the boundary is not known to have acted. Nothing takeable is no
 * fault.
 */
export const noPressure: Rule = ({evidence}) => {
  const {
    takeableBytes,
    epsilonBytes,
    boundaryEvents = 0,
    lazyFreedBytes = 0,
    fileReclaimedBytes = 0,
  } = evidence;
  if (takeableBytes === undefined || epsilonBytes === undefined) return undefined;
  const hasFallen = lazyFreedBytes + fileReclaimedBytes > epsilonBytes;
  if (takeableBytes <= computeExhaustedBytes(epsilonBytes) || hasFallen || boundaryEvents > 0)
    return undefined;
  const end =
    evidence.stopCause === undefined
      ? ''
      : `; the squeeze ended as ${evidence.stopCause}${describeGuard(evidence)}`;
  const boundary =
    evidence.boundaryEvents === undefined
      ? 'it is not known that the boundary acted'
      : 'the boundary never acted';
  return inconclusive(
    'NoPressure',
    `${formatMebibytes(takeableBytes)} could have been taken, but none of it is seen to have been, and ${boundary}${end}.`,
  );
};

const PROTECTED_SHARE = 0.8;

/**
 * Rule 5: the kernel spares what lies under memory.min or memory.low, so what stayed was never asked for. A container that
 * is itself asked (method Reclaim) has no protection from that.
 */
export const protectedTarget: Rule = ({method, evidence}) => {
  if (method === 'Reclaim') return undefined;
  const {protectedBytes, floorBytes, epsilonBytes, lazyFreedBytes} = evidence;
  const predicted = evidence.lazyFreeBytes?.min;
  if (protectedBytes === undefined || floorBytes === undefined || epsilonBytes === undefined)
    return undefined;
  if (lazyFreedBytes === undefined || predicted === undefined) return undefined;
  const isUnderProtection = protectedBytes > 0 && floorBytes <= protectedBytes + epsilonBytes;
  return isUnderProtection && lazyFreedBytes < PROTECTED_SHARE * predicted
    ? inconclusive(
        'Protected',
        `Only ${formatMebibytes(lazyFreedBytes)} of ${formatMebibytes(predicted)} lazily freed were taken: the kernel protects ${formatMebibytes(protectedBytes)} of this target (memory.min or memory.low).`,
      )
    : undefined;
};

const STOP_REASONS: Record<
  Exclude<StopCause, 'Exhausted'>,
  [reason: ReasonOf<'Inconclusive'>, why: string]
> = {
  Guard: ['GuardTripped', 'a guard tripped'],
  Cap: ['CapReached', 'the balloon reached its cap (maxSize)'],
  Stalled: ['Stalled', 'steps took too long, or what is lazily freed could not be had'],
  Swap: ['WouldSwap', 'held memory would have gone to swap'],
};

/** Where there is no balloon the same ends have other words. */
const REQUEST_ENDS: Partial<typeof STOP_REASONS> = {
  Cap: ['CapReached', 'as much was asked for as maxSize allows'],
  Stalled: ['Stalled', 'the kernel took too long over a request, or what is lazily freed could not be had'],
};

/** Rule 10: what was not pressed to the end has no floor. */
export const stoppedEarly: Rule = facts => {
  const {stopCause, lazyFreedBytes, takeableBytes} = facts.evidence;
  if (stopCause === undefined || stopCause === 'Exhausted' || exhaustedSqueezes(facts).length > 0)
    return undefined;
  const [reason, why] = (facts.method === 'Reclaim' && REQUEST_ENDS[stopCause]) || STOP_REASONS[stopCause];
  const guard = describeGuard(facts.evidence);
  const taken =
    lazyFreedBytes === undefined
      ? ''
      : ` ${formatMebibytes(lazyFreedBytes)} of lazily freed memory were taken back`;
  const rest =
    takeableBytes === undefined ? '' : ` (${formatMebibytes(takeableBytes)} could be taken in all)`;
  return inconclusive(
    reason,
    `The squeeze ended before its floor: ${why}${guard}${taken && `;${taken}${rest}`}.`,
  );
};

const describeGuard = ({stopCause, stopGuard}: Evidence): string =>
  stopCause === 'Guard' && stopGuard !== undefined ? ` (${stopGuard})` : '';

/** Rule 11: memory went away that nobody took: merged, split, demoted, or given back by the program. */
export const unexplained: Rule = facts => {
  const {unexplainedBytes, epsilonBytes} = facts.evidence;
  if (unexplainedBytes === undefined || epsilonBytes === undefined) return undefined;
  return unexplainedBytes <= epsilonBytes || isExplained(facts)
    ? undefined
    : inconclusive(
        'Unexplained',
        `Of the fall of anon ${formatMebibytes(unexplainedBytes)} were neither lazily freed nor swapped: the program gave them back itself, a process ended, or pages were merged.`,
      );
};
