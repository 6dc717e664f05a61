import type {Seconds} from './units.ts';

/** /proc prints times in USER_HZ, which is 100 on every Linux that Kubernetes runs on. */
const TICKS_PER_SECOND = 100;
/** Place of `starttime` (field 22) among the words after the command, which begin with field 3. */
const START_TIME_INDEX = 19;

/**
 * When a process started, in seconds after boot, from /proc/PID/stat: with the pid it names one process for good.
 *
 *     1 (systemd) S 0 0 0 0 -1 4194560 37983 57499663 0 4043 65 377 97195 22677 10 -10 13 0 25 48132096 4062 ...
 *
 * The command may hold spaces and parentheses, so the words are counted from the last one. Source: proc_pid_stat(5).
 */
export const parseStartSeconds = (text: string): Seconds | undefined => {
  const ticks = wordsOf(text)[START_TIME_INDEX];
  return text.includes(')') && ticks && /^\d{1,15}$/.test(ticks)
    ? Number(ticks) / TICKS_PER_SECOND
    : undefined;
};

/** The parent's pid, from /proc/PID/stat: field 4. */
export const parseParentPid = (text: string): number | undefined => {
  const word = text.slice(text.lastIndexOf(')') + 2).split(' ')[1];
  return text.includes(')') && word && /^\d{1,10}$/.test(word) ? Number(word) : undefined;
};

/** Places of `startcode`, `endcode` and `startstack` (fields 26 to 28). */
const PROGRAM_INDEXES = [23, 24, 25];

/**
 * What of /proc/PID/stat is another with each exec, as one word: where code and stack lie. The start time stays.
 */
export const parseProgram = (text: string): string =>
  PROGRAM_INDEXES.map(index => wordsOf(text)[index] ?? '').join(':');

const wordsOf = (text: string): string[] => text.slice(text.lastIndexOf(')') + 2).split(' ');

/**
 * Seconds since boot, from /proc/uptime.
 *
 *     82345.12 160034.55
 */
export const parseUptimeSeconds = (text: string): Seconds | undefined => {
  const seconds = /^(\d{1,12}(?:\.\d{1,9})?)(?:\s|$)/.exec(text)?.[1];
  return seconds === undefined ? undefined : Number(seconds);
};
