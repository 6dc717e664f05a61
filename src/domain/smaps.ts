import {type Bytes, KIB} from './units.ts';

/** Sums over the mappings of one process; a field that the kernel does not print is absent. */
export type SmapsSums = {
  rssBytes?: Bytes;
  anonymousBytes?: Bytes;
  /** Clean pages under MADV_FREE: a page that was written again is not counted. */
  lazyFreeBytes?: Bytes;
  referencedBytes?: Bytes;
  swapBytes?: Bytes;
  lockedBytes?: Bytes;
  /** See parseHugePageRoom. */
  hugePageRoomBytes?: Bytes;
};

const FIELDS: Record<string, keyof SmapsSums> = {
  Rss: 'rssBytes',
  Anonymous: 'anonymousBytes',
  LazyFree: 'lazyFreeBytes',
  Referenced: 'referencedBytes',
  Swap: 'swapBytes',
  Locked: 'lockedBytes',
};

/**
 * /proc/PID/smaps_rollup, one process in all.
 *
 *     LazyFree:         307200 kB
 *
 * Undefined where no line could be read (a zombie's file is empty). Source: Documentation/filesystems/proc.rst.
 */
export const parseSmapsRollup = (text: string): SmapsSums | undefined => {
  const sums: SmapsSums = {};
  for (const line of text.split('\n')) addLine(sums, line);
  return Object.keys(sums).length > 0 ? sums : undefined;
};

/**
 * /proc/PID/smaps, the anonymous mappings only: what the look at idleness sums. A mapping is anonymous when it has no
 * inode and no name, or is the heap, a stack or a named anonymous one.
 *
 *     7f1c5c000000-7f1c5c021000 rw-p 00000000 00:00 0
 *     Referenced:          132 kB
 */
export const parseSmaps = (text: string): SmapsSums | undefined => {
  const sums: SmapsSums = {};
  for (const {lines} of listAnonymousMappings(text)) for (const line of lines) addLine(sums, line);
  return Object.keys(sums).length > 0 ? sums : undefined;
};

/** One anonymous mapping of /proc/PID/smaps: its addresses, and the lines below them. */
export type Mapping = {startBytes: number; endBytes: number; lines: string[]};

export const listAnonymousMappings = (text: string): Mapping[] => {
  const mappings: Mapping[] = [];
  let counts = false;
  for (const line of text.split('\n')) {
    const header = HEADER.exec(line);
    if (header) {
      const [, start = '', end = '', inode, name = ''] = header;
      counts = inode === '0' && ANONYMOUS_NAME.test(name);
      if (counts) mappings.push({startBytes: parseHex(start), endBytes: parseHex(end), lines: []});
    } else if (counts) mappings.at(-1)?.lines.push(line);
  }
  return mappings;
};

const HEADER = /^([0-9a-f]+)-([0-9a-f]+) [-rwxsp]{4} [0-9a-f]+ [0-9a-f]+:[0-9a-f]+ (\d+)(?:\s+(.*))?$/;
const ANONYMOUS_NAME = /^(?:|\[heap\]|\[stack.*\]|\[anon:.*\])$/;

const parseHex = (digits: string): number => Number.parseInt(digits, 16);

const addLine = (sums: SmapsSums, line: string): void => {
  const match = /^(\w+): +(\d{1,15}) kB$/.exec(line);
  const field = match?.[1] !== undefined && Object.hasOwn(FIELDS, match[1]) ? FIELDS[match[1]] : undefined;
  if (field) sums[field] = (sums[field] ?? 0) + Number(match?.[2]) * KIB;
};
