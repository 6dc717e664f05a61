import {listAnonymousMappings, type Mapping, type SmapsSums} from './smaps.ts';
import {type Bytes, KIB} from './units.ts';

/** How a machine makes huge pages out of small ones. */
export type HugePages = {
  bytes: Bytes;
  pageSizeBytes: Bytes;
  /** Of the small pages in the place of a huge one so many may be missing. */
  maxPtesNone: number;
};

/**
 * Most of what is missing where khugepaged may make huge pages of a process's anonymous memory, from /proc/PID/smaps. It
 * does not say which places the small pages lie in: each place needs some, and is not short of more than is missing in all.
 *
 *     AnonHugePages:      2048 kB
 *     THPeligible:           1
 *
 * Source: Documentation/filesystems/proc.rst, mm/khugepaged.c.
 */
export const parseHugePageRoom = (text: string, hugePages: HugePages): SmapsSums | undefined => {
  const mappings = listAnonymousMappings(text);
  if (mappings.length === 0) return undefined;
  return {hugePageRoomBytes: mappings.reduce((sum, mapping) => sum + roomOf(mapping, hugePages), 0)};
};

const roomOf = (
  {startBytes, endBytes, lines}: Mapping,
  {bytes, pageSizeBytes, maxPtesNone}: HugePages,
): Bytes => {
  const numbers = new Map(lines.map(parseNumber));
  if (numbers.get('THPeligible') === 0) return 0;
  const read = (name: string): Bytes => (numbers.get(name) ?? 0) * KIB;
  const presentBytes = read('Rss') + read('Swap');
  const spanBytes = Math.max(0, Math.floor(endBytes / bytes) - Math.ceil(startBytes / bytes)) * bytes;
  const outsideBytes = endBytes - startBytes - spanBytes;
  const missingBytes = Math.max(0, spanBytes - Math.max(0, presentBytes - outsideBytes));
  const smallPages = (presentBytes - read('AnonHugePages')) / pageSizeBytes;
  const places = Math.floor(smallPages / (bytes / pageSizeBytes - maxPtesNone));
  return Math.min(missingBytes, places * maxPtesNone * pageSizeBytes);
};

const parseNumber = (line: string): [name: string, value: number] => {
  const [, name = '', digits = ''] = /^(\w+): +(\d{1,15})(?: kB)?$/.exec(line) ?? [];
  return [name, Number(digits)];
};
