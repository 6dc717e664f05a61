import {UsageError} from '../lib/exit.ts';

const UNITS: Record<string, number> = {s: 1000, m: 60_000, h: 3_600_000};

/** Milliseconds of `90s`, `10m`, `1h30m`, as kubectl writes them. Throws UsageError. */
export const parseDuration = (option: string, text: string): number => {
  const parts = [...text.matchAll(/(\d+)([smh])/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text)
    throw new UsageError(`${option} is "${text}": give a duration such as 90s, 10m or 1h30m`);
  return parts.reduce((total, [, count, unit]) => total + Number(count) * (UNITS[unit ?? ''] ?? 0), 0);
};
