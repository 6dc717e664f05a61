import {present} from './present.ts';
import {fileIdentityBytes, heldBytes, lazyFreeMaxBytes, type Sample, swappedOutBytes} from './sample.ts';
import {type Bytes, KIB} from './units.ts';

/** Two looks at the target's container, and what else is known of the time between them. */
export type BalanceFacts = {
  before: Sample;
  after: Sample;
  /** The end of the hold: what the program itself gave back must still be given back there. Absent: `after`. */
  last?: Sample;
  epsilonBytes: Bytes;
  /** Sum of LazyFree over the target's processes at `before`: without it v1 cannot tell what the kernel took. */
  lazyFreeMinBytes?: Bytes;
  pageSizeBytes?: Bytes;
  /** /sys/kernel/mm/ksm/run is 1: merged pages leave RSS. Absent: not known. */
  ksmRunning?: boolean;
  /** A process of the target came or went. Absent: not known. */
  processesChanged?: boolean;
};

/** Where a fall of anon went. A field is absent where a counter that it needs is. */
export type Balance = {
  /** Below 0: it rose. */
  anonFallBytes: number;
  lazyFreedBytes?: Bytes;
  swappedBytes?: Bytes;
  unexplainedBytes?: Bytes;
  returnedBytes?: Bytes;
  allocatedBytes?: Bytes;
};

/**
 * fall of anon = lazily freed + rise of swap + residual. A residual within epsilon is none; above, it is unexplained,
 * unless all that could explain it but the program's own giving back is ruled out; below, the target allocated.
 */
export const computeBalance = (facts: BalanceFacts): Balance => {
  const anonFallBytes = facts.before.anonBytes - facts.after.anonBytes;
  const swapRise = riseOfSwap(facts);
  const lazyFreed = swapRise === undefined ? undefined : countLazyFreed(facts, anonFallBytes - swapRise);
  const sides = {
    anonFallBytes,
    ...present({swappedBytes: swapRise && Math.max(0, swapRise), lazyFreedBytes: lazyFreed}),
  };
  if (swapRise === undefined || lazyFreed === undefined) return sides;
  const residual = anonFallBytes - lazyFreed - swapRise;
  const excess = residual > facts.epsilonBytes ? residual : 0;
  const returned = excess > 0 ? countReturned(facts, excess, lazyFreed) : 0;
  return {
    ...sides,
    unexplainedBytes: excess - (returned ?? 0),
    allocatedBytes: residual < -facts.epsilonBytes ? -residual : 0,
    ...present({returnedBytes: facts.before.version === 2 ? returned : undefined}),
  };
};

type Counter = {[Key in keyof Sample]-?: NonNullable<Sample[Key]> extends number ? Key : never}[keyof Sample];

const riseOf = ({before, after}: BalanceFacts, counter: Counter): number | undefined => {
  const [from, to] = [before[counter], after[counter]];
  return from === undefined || to === undefined ? undefined : to - from;
};

/** A page of the swap cache that is dropped goes to swap, though its place there was counted before. */
const riseOfSwap = ({before, after}: BalanceFacts): number | undefined => {
  const [from, to] = [swappedOutBytes(before), swappedOutBytes(after)];
  return from === undefined || to === undefined ? undefined : to - from;
};

/** The counter of v2, or what can be told without one. */
const countLazyFreed = (facts: BalanceFacts, anonFallWithoutSwap: number): Bytes | undefined =>
  facts.before.version === 2
    ? countTakenPages(facts, anonFallWithoutSwap)
    : inferLazyFreed(facts, anonFallWithoutSwap);

/** A page that is used and freed again counts each time that it is taken: no more than there was, or than fell. */
const countTakenPages = (facts: BalanceFacts, anonFallWithoutSwap: number): Bytes | undefined => {
  const pages = riseOf(facts, 'pglazyfreed');
  if (pages === undefined) return undefined;
  const most = Math.max(lazyFreeMaxBytes(facts.before), anonFallWithoutSwap);
  return Math.max(0, Math.min(pages * (facts.pageSizeBytes ?? 4 * KIB), most));
};

/**
 * v1 has no such counter: what left the file lists and was no page cache, and no more than left anon, or than was clean
 * before. Pages written again leave those lists too, while the program may give back others.
 */
const inferLazyFreed = (
  {before, after, lazyFreeMinBytes}: BalanceFacts,
  anonFallWithoutSwap: number,
): Bytes | undefined => {
  if (lazyFreeMinBytes === undefined) return undefined;
  const listFall = fileIdentityBytes(before) - fileIdentityBytes(after);
  return Math.max(0, Math.min(listFall, anonFallWithoutSwap, lazyFreeMinBytes));
};

/** Undefined where something else could have made anon fall: merged pages, split huge pages, demotion, an exit. */
const countReturned = (facts: BalanceFacts, excess: Bytes, lazyFreed: Bytes): Bytes | undefined => {
  const isOurs =
    facts.before.version === 2 &&
    facts.ksmRunning === false &&
    facts.processesChanged === false &&
    (riseOf(facts, 'pgdemote') ?? 0) === 0 &&
    -(riseOf(facts, 'anonThpBytes') ?? 0) <= facts.epsilonBytes;
  const [held, heldAtEnd] = [heldBytes(facts.before), heldBytes(facts.last ?? facts.after)];
  if (!isOurs || held === undefined || heldAtEnd === undefined) return undefined;
  return Math.max(0, Math.min(excess, held - heldAtEnd - lazyFreed));
};
