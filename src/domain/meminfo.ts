import {type Bytes, KIB} from './units.ts';

export type Meminfo = {
  totalBytes?: Bytes;
  availableBytes?: Bytes;
  swapTotalBytes?: Bytes;
  swapFreeBytes?: Bytes;
};

/**
 * /proc/meminfo.
 *
 *     MemAvailable:   24242160 kB
 *
 * MemAvailable counts page cache and lazily freed pages as available. Source: Documentation/filesystems/proc.rst.
 */
export const parseMeminfo = (text: string): Meminfo => ({
  ...pick(text, 'MemTotal', 'totalBytes'),
  ...pick(text, 'MemAvailable', 'availableBytes'),
  ...pick(text, 'SwapTotal', 'swapTotalBytes'),
  ...pick(text, 'SwapFree', 'swapFreeBytes'),
});

const pick = (text: string, key: string, field: keyof Meminfo): Meminfo => {
  const line = text.split('\n').find(candidate => candidate.startsWith(`${key}:`));
  const kibibytes = line && /^\w+: +(\d{1,15}) kB$/.exec(line)?.[1];
  return kibibytes ? {[field]: Number(kibibytes) * KIB} : {};
};
