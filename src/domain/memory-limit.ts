import type {Bytes} from './units.ts';

/** v1 says "no limit" with the largest whole page below 2^63; nothing real is anywhere near. */
const UNLIMITED_FROM = 2 ** 60;

/**
 * One number of a cgroup file: memory.current, memory.max, memory.high, memory.limit_in_bytes, memory.failcnt.
 *
 *     9223372036854771712
 *     max
 *
 * Infinity where there is no limit, undefined where the text is no such number.
 */
export const parseMemoryLimit = (text: string): Bytes | undefined => {
  const word = text.trim();
  if (word === 'max') return Number.POSITIVE_INFINITY;
  if (!/^\d{1,20}$/.test(word)) return undefined;
  const value = Number(word);
  return value >= UNLIMITED_FROM ? Number.POSITIVE_INFINITY : value;
};
