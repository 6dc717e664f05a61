import {execFileSync} from 'node:child_process';
import {existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync} from 'node:fs';
import {release} from 'node:os';
import path from 'node:path';
import {findHierarchy} from '../../src/agent/cgroup-tree.ts';
import type {Case} from './cases.ts';

/** What a case wants of the whole kernel. */
export type KernelSettings = Pick<Case, 'swap' | 'pages' | 'reclaim'>;

const SWAP_DEVICE = '/dev/zram0';
const SWAP_BYTES = 256 * 1024 * 1024;
const HUGE_PAGES = '/sys/kernel/mm/transparent_hugepage/enabled';
const LRU_GENERATIONS = '/sys/kernel/mm/lru_gen/enabled';
const ZSWAP = '/sys/module/zswap/parameters/enabled';

/** Only in a machine that is thrown away. */
export const setKernel = ({swap, pages, reclaim}: KernelSettings): void => {
  setSwap(swap !== 'none');
  if (existsSync(ZSWAP)) writeFileSync(ZSWAP, swap === 'zswap' ? 'Y' : 'N');
  if (existsSync(HUGE_PAGES)) writeFileSync(HUGE_PAGES, pages === 'huge' ? 'always' : 'never');
  writeFileSync(LRU_GENERATIONS, reclaim === 'MGLRU' ? 'y' : 'n');
};

const setSwap = (wanted: boolean): void => {
  if (isSwapOn() === wanted) return;
  if (!wanted) return void execFileSync('swapoff', [SWAP_DEVICE]);
  if (Number(readFileSync('/sys/block/zram0/disksize', 'utf8')) === 0) {
    writeFileSync('/sys/block/zram0/disksize', String(SWAP_BYTES));
    execFileSync('mkswap', [SWAP_DEVICE], {stdio: 'ignore'});
  }
  execFileSync('swapon', [SWAP_DEVICE]);
};

const isSwapOn = (): boolean => readFileSync('/proc/swaps', 'utf8').includes(SWAP_DEVICE);

/** Not every kernel counts the last two. */
const SWAP_COUNTERS = /^(?:pswpout|zswpout|swpout_zero) (\d+)$/gm;
const PAGE_BYTES = 4096;

/** What the whole machine has swapped out since it started, in bytes. */
export const readSwappedOut = (): number =>
  [...readFileSync('/proc/vmstat', 'utf8').matchAll(SWAP_COUNTERS)].reduce(
    (sum, [, pages]) => sum + Number(pages) * PAGE_BYTES,
    0,
  );

/** What a kernel can do, tried out: its version number does not say, since distributions port back. */
export type Facts = {
  kernelVersion: string;
  cgroupVersion: 1 | 2;
  /** Of `memory.reclaim`: absent, or what `0 swappiness=0` answers, which takes nothing. */
  reclaimSwappiness: string;
  hasPressure: boolean;
  hasLruGenerations: boolean;
  hasHugePages: boolean;
  countsLazyFree: boolean;
};

export const readFacts = (): Facts => {
  const {version, root} = findHierarchy('/sys/fs/cgroup');
  const own = path.join(root, `facts-${process.pid}`);
  if (version === 2) writeFileSync(path.join(root, 'cgroup.subtree_control'), '+memory');
  mkdirSync(own);
  try {
    return {
      kernelVersion: release(),
      cgroupVersion: version,
      reclaimSwappiness: tryReclaim(path.join(own, 'memory.reclaim')),
      hasPressure: existsSync(path.join(own, 'memory.pressure')),
      hasLruGenerations: existsSync(LRU_GENERATIONS),
      hasHugePages: existsSync(HUGE_PAGES),
      countsLazyFree: /^pglazyfreed /m.test(readFileSync(path.join(own, 'memory.stat'), 'utf8')),
    };
  } finally {
    rmdirSync(own);
  }
};

const tryReclaim = (file: string): string => {
  if (!existsSync(file)) return 'absent';
  try {
    writeFileSync(file, '0 swappiness=0');
    return 'accepted';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
};
