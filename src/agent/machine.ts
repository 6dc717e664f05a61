import {existsSync, readFileSync} from 'node:fs';
import {cpus, release} from 'node:os';
import path from 'node:path';
import type {HugePages} from '../domain/huge-page-room.ts';
import {parseMeminfo} from '../domain/meminfo.ts';
import {present} from '../domain/present.ts';
import {parseUptimeSeconds} from '../domain/proc-stat.ts';

/** What does not change while the agent runs. */
export type Machine = {
  cpus: number;
  pageSizeBytes: number;
  kernelVersion: string;
  memoryBytes: number;
  /** Absent where /proc/meminfo does not say. */
  swapTotalBytes?: number;
  /** Whether pages are merged behind everybody's back. Absent: not known. */
  ksmRunning?: boolean;
  /** Absent: this kernel makes none out of small pages. */
  hugePages?: HugePages;
};

const KSM_DIRECTORY = '/sys/kernel/mm/ksm';

export const readMachine = (procRoot: string): Machine => {
  const {totalBytes, swapTotalBytes} = parseMeminfo(readFileSync(path.join(procRoot, 'meminfo'), 'latin1'));
  if (totalBytes === undefined) throw new Error(`${procRoot}/meminfo has no MemTotal`);
  const pageSizeBytes = readPageSize(procRoot);
  return {
    cpus: cpus().length,
    pageSizeBytes,
    kernelVersion: release(),
    memoryBytes: totalBytes,
    ...present({swapTotalBytes, ksmRunning: readKsm(), hugePages: readHugePages(pageSizeBytes)}),
  };
};

export const readUptimeSeconds = (procRoot: string): number | undefined =>
  parseUptimeSeconds(readFileSync(path.join(procRoot, 'uptime'), 'latin1'));

/** AT_PAGESZ in include/uapi/linux/auxvec.h. */
const PAGE_SIZE_KEY = 6n;

/** The auxiliary vector: pairs of native words, as the kernel gave them to this process. */
const readPageSize = (procRoot: string): number => {
  const vector = readFileSync(path.join(procRoot, 'self', 'auxv'));
  for (let at = 0; at + 16 <= vector.length; at += 16) {
    if (vector.readBigUInt64LE(at) === PAGE_SIZE_KEY) return Number(vector.readBigUInt64LE(at + 8));
  }
  throw new Error(`${procRoot}/self/auxv has no page size`);
};

/** A kernel that has no such directory merges nothing; 0 and 2 (unmerged) both mean that nothing is merged now. */
const readKsm = (): boolean | undefined => {
  if (!existsSync(path.dirname(KSM_DIRECTORY))) return undefined;
  const file = path.join(KSM_DIRECTORY, 'run');
  return existsSync(file) ? readFileSync(file, 'latin1').trim() === '1' : false;
};

const HUGE_PAGES_DIRECTORY = '/sys/kernel/mm/transparent_hugepage';

/** A kernel that was built without them has no such directory. Source: Documentation/admin-guide/mm/transhuge.rst. */
const readHugePages = (pageSizeBytes: number): HugePages | undefined => {
  const read = (name: string): number =>
    Number(readFileSync(path.join(HUGE_PAGES_DIRECTORY, name), 'latin1'));
  return existsSync(path.join(HUGE_PAGES_DIRECTORY, 'khugepaged'))
    ? {bytes: read('hpage_pmd_size'), pageSizeBytes, maxPtesNone: read('khugepaged/max_ptes_none')}
    : undefined;
};
