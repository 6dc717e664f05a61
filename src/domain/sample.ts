import {parseMemoryLimit} from './memory-limit.ts';
import {parseMemoryStat} from './memory-stat.ts';
import {present} from './present.ts';
import {parsePressure} from './psi.ts';
import type {Bytes} from './units.ts';

export type CgroupVersion = 1 | 2;

/** One look at a cgroup and all below it. What the kernel did not say is absent. */
export type Sample = {
  timeMilliseconds: number;
  version: CgroupVersion;
  anonBytes: Bytes;
  swapBytes?: Bytes;
  /** v2: pages in memory that have their place in swap still; both `anonBytes` and `swapBytes` may count them. */
  swapCachedBytes?: Bytes;
  /** Of what is in swap so much is certainly shared memory. Absent: none, or not known. */
  sharedSwapBytes?: Bytes;
  shmemBytes: Bytes;
  /** Page cache, shmem included, lazily freed pages not. */
  fileBytes: Bytes;
  activeAnonBytes: Bytes;
  inactiveAnonBytes: Bytes;
  /** The file lists hold lazily freed pages too. */
  activeFileBytes: Bytes;
  inactiveFileBytes: Bytes;
  unevictableBytes?: Bytes;
  anonThpBytes?: Bytes;
  /** Kernel memory that no pressure takes; v2 only, v1 does not tell it from dentries and inodes. */
  kernelBytes?: Bytes;
  usageBytes?: Bytes;
  /** Pages since the start of the cgroup. */
  pglazyfreed?: number;
  pgscan?: number;
  pgdemote?: number;
  workingsetRefaultFile?: number;
  /** Huge pages made out of small ones; v2 only. */
  thpCollapseAlloc?: number;
  /** memory.events of v2, memory.failcnt of v1: how often the boundary acted. */
  eventsHigh?: number;
  eventsMax?: number;
  eventsOomKill?: number;
  failcnt?: number;
  pressureMicroseconds?: number;
};

/** Texts of one cgroup's files, absent where there is no such file. */
export type SampleTexts = {
  /** memory.stat */
  memoryStat: string;
  /** memory.current, memory.usage_in_bytes */
  usage?: string | undefined;
  /** memory.swap.current (v2) */
  swapCurrent?: string | undefined;
  /** memory.events (v2) */
  memoryEvents?: string | undefined;
  /** memory.failcnt (v1) */
  failcnt?: string | undefined;
  /** memory.pressure (v2) */
  pressure?: string | undefined;
  /** SwapTotal of the node where it is known: with 0 nothing can be in swap, whether or not the cgroup counts it. */
  nodeSwapTotalBytes?: Bytes | undefined;
};

/** Undefined where a number that every verdict needs is not there. */
export const buildSample = (
  version: CgroupVersion,
  texts: SampleTexts,
  timeMilliseconds: number,
): Sample | undefined => {
  const stat = parseMemoryStat(texts.memoryStat);
  const read = (key: string): number | undefined => stat.get(version === 1 ? `total_${key}` : key);
  const lists = readLists(version, read);
  return (
    lists && {
      timeMilliseconds,
      version,
      ...lists,
      ...present({
        swapBytes: readSwap(texts, read),
        swapCachedBytes: version === 2 ? read('swapcached') : undefined,
        unevictableBytes: read('unevictable'),
        anonThpBytes: read('anon_thp'),
        kernelBytes: version === 2 ? readKernel(read) : undefined,
        usageBytes: readNumber(texts.usage),
        pglazyfreed: read('pglazyfreed'),
        pgscan: read('pgscan'),
        pgdemote: sumPresent(DEMOTIONS.map(read)),
        workingsetRefaultFile: read('workingset_refault_file') ?? read('workingset_refault'),
        thpCollapseAlloc: version === 2 ? read('thp_collapse_alloc') : undefined,
        ...readEvents(texts),
      }),
    }
  );
};

type Read = (key: string) => number | undefined;
const DEMOTIONS = ['pgdemote_kswapd', 'pgdemote_direct', 'pgdemote_khugepaged', 'pgdemote_proactive'];

const readLists = (version: CgroupVersion, read: Read) => {
  const lists = {
    anonBytes: read(version === 1 ? 'rss' : 'anon'),
    shmemBytes: read('shmem'),
    fileBytes: read(version === 1 ? 'cache' : 'file'),
    activeAnonBytes: read('active_anon'),
    inactiveAnonBytes: read('inactive_anon'),
    activeFileBytes: read('active_file'),
    inactiveFileBytes: read('inactive_file'),
  };
  return isComplete(lists) ? lists : undefined;
};

const isComplete = <Key extends string>(
  numbers: Record<Key, number | undefined>,
): numbers is Record<Key, number> => Object.values(numbers).every(value => value !== undefined);

const readSwap = (texts: SampleTexts, read: Read): Bytes | undefined =>
  readNumber(texts.swapCurrent) ?? read('swap') ?? (texts.nodeSwapTotalBytes === 0 ? 0 : undefined);

/** `kernel` (5.18) holds all of it but sockets; before, the parts that there were. */
const readKernel = (read: Read): Bytes | undefined => {
  const [kernel, reclaimable, slab] = [read('kernel'), read('slab_reclaimable'), read('slab_unreclaimable')];
  if (kernel !== undefined && reclaimable !== undefined)
    return Math.max(0, kernel - reclaimable) + (read('sock') ?? 0);
  return slab === undefined
    ? undefined
    : sumPresent([slab, ...['kernel_stack', 'pagetables', 'percpu', 'sock'].map(read)]);
};

const readEvents = (texts: SampleTexts) => {
  const events = parseMemoryStat(texts.memoryEvents ?? '');
  return {
    eventsHigh: events.get('high'),
    eventsMax: events.get('max'),
    eventsOomKill: events.get('oom_kill'),
    failcnt: readNumber(texts.failcnt),
    pressureMicroseconds: parsePressure(texts.pressure ?? '')?.someTotalMicroseconds,
  };
};

const readNumber = (text: string | undefined): number | undefined => {
  const value = text === undefined ? undefined : parseMemoryLimit(text);
  return value === Number.POSITIVE_INFINITY ? undefined : value;
};

const sumPresent = (values: readonly (number | undefined)[]): number | undefined => {
  const known = values.filter(value => value !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0);
};

/** anon + swap: what the target holds or has freed lazily. Undefined where the kernel does not count its swap. */
export const heldBytes = (sample: Sample): Bytes | undefined => {
  const swapped = swappedOutBytes(sample);
  return swapped === undefined ? undefined : sample.anonBytes + swapped;
};

/**
 * What is in swap and not in memory, without what is certainly shared. v2 charges a page that was only read since it came back to
 * both, until its place in swap is needed (`swapcached` of memory.stat; Documentation/admin-guide/cgroup-v2.rst); v1 gives the
 * place back at once. A page of the swap cache that nobody has mapped is not in `anon`: it lies on the anonymous lists beyond what
 * is mapped.
 */
export const swappedOutBytes = (sample: Sample): Bytes | undefined => {
  const {version, swapBytes, swapCachedBytes, sharedSwapBytes = 0} = sample;
  if (!swapBytes) return swapBytes;
  if (version === 1) return Math.max(0, swapBytes - sharedSwapBytes);
  if (swapCachedBytes === undefined) return undefined;
  const unmappedBytes = Math.max(0, Math.max(0, fileIdentityBytes(sample)) - listIdentityBytes(sample));
  const twiceBytes = Math.max(0, swapCachedBytes - unmappedBytes);
  return Math.max(0, swapBytes - Math.min(twiceBytes, sample.anonBytes) - sharedSwapBytes);
};

/**
 * The list identity: lazily freed pages are anonymous by type but lie on the file lists. Locked anonymous memory is in it,
 * since it lies on no list; it is too small, even below 0, by what partly mapped huge pages have more on their list than
 * in `anon`.
 */
const listIdentityBytes = (sample: Sample): number =>
  sample.anonBytes + sample.shmemBytes - sample.activeAnonBytes - sample.inactiveAnonBytes;

/**
 * The same identity from the other side: what lies on the file lists and is no page cache. Neither locked anonymous
 * memory nor huge pages are in it; it is too small by locked page cache. May be below 0.
 */
export const fileIdentityBytes = (sample: Sample): number => takeableBytes(sample) - cacheBytes(sample);

/**
 * Upper bound of what is lazily freed: pages written again are in it, and locked ones as far as they could be confused with
 * it. Never more than lies on the file lists, where locked memory is not, and never more than is anonymous.
 */
export const lazyFreeMaxBytes = (sample: Sample): Bytes =>
  Math.max(
    0,
    Math.min(
      Math.max(listIdentityBytes(sample), fileIdentityBytes(sample)),
      takeableBytes(sample),
      sample.anonBytes,
    ),
  );

/**
 * What of LazyFree, summed over processes, the kernel could take: after a fork smaps counts a page once for each process,
 * and pages that were locked since, or are charged to another cgroup, lie on none of this cgroup's file lists.
 */
export const takeableLazyFreeBytes = (sample: Sample, lazyFreeBytes: Bytes): Bytes =>
  Math.min(lazyFreeBytes, lazyFreeMaxBytes(sample));

/** Page cache without shmem, which no pressure takes where there is no swap. */
export const cacheBytes = (sample: Sample): Bytes => Math.max(0, sample.fileBytes - sample.shmemBytes);

/**
 * What pressure may take: the file lists, where lazily freed pages lie. Never anon, also where there is swap: what is swapped
 * is not given back, and no squeeze aims at it.
 */
export const takeableBytes = ({activeFileBytes, inactiveFileBytes}: Sample): Bytes =>
  activeFileBytes + inactiveFileBytes;
