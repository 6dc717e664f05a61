import {type Bytes, KIB} from './units.ts';

/**
 * Anonymous memory of one process, resident or in swap, from /proc/PID/status.
 *
 *     RssAnon:	    2048 kB
 *     VmSwap:	       0 kB
 *
 * Undefined where either is missing: a zombie, a kernel thread. Source: proc_pid_status(5).
 */
export const parseResidentBytes = (text: string): Bytes | undefined => {
  const [resident, swapped] = ['RssAnon', 'VmSwap'].map(key => readField(text, key));
  return resident === undefined || swapped === undefined ? undefined : resident + swapped;
};

/** What a process has in swap as its own, and how many threads count for it. */
export type OwnSwap = {bytes: Bytes; threads: number};

/**
 * The same text of another process; shared memory that was swapped is not in VmSwap. Nothing for a zombie, undefined where one has
 * threads that live on, whose memory nobody tells.
 */
export const parseOwnSwap = (text: string): OwnSwap | undefined => {
  const bytes = readField(text, 'VmSwap');
  const threads = Number(/^Threads:\s+(\d{1,7})$/m.exec(text)?.[1] ?? Number.NaN);
  if (bytes !== undefined) return Number.isNaN(threads) ? undefined : {bytes, threads};
  return /^State:\s+[ZX]/m.test(text) && threads <= 1 ? {bytes: 0, threads: 0} : undefined;
};

/**
 * The CPUs that a thread may run on, from the same text of a thread.
 *
 *     Cpus_allowed_list:	0-1,4
 *
 * Undefined where there is no such line.
 */
export const parseAllowedCpus = (text: string): number[] | undefined =>
  /^Cpus_allowed_list:\t(\d{1,5}(?:-\d{1,5})?(?:,\d{1,5}(?:-\d{1,5})?)*)$/m
    .exec(text)?.[1]
    ?.split(',')
    .flatMap(range => {
      const [first = 0, last = first] = range.split('-').map(Number);
      return Array.from({length: last - first + 1}, (_, index) => first + index);
    });

const readField = (text: string, key: string): Bytes | undefined => {
  const kibibytes = new RegExp(`^${key}:\\s+(\\d{1,15}) kB$`, 'm').exec(text)?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * KIB;
};
