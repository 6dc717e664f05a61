import {inScope} from '../cgroups.ts';
import {type Struck, strikeProbe} from './probe.ts';
import {drawStrikes, type Strike} from './strike.ts';

export type SoakOptions = {
  runs: number;
  seed: number;
  /** So many probes at a time, each of a target of its own. */
  width: number;
  onProbe?: (line: string) => void;
};

/** `found` has a line for each probe that left something. */
export type Soak = {
  probes: number;
  /** Probes that had ended before they were struck: nobody was killed. */
  late: number;
  repaired: number;
  settledMilliseconds: number[];
  found: string[];
};

/** Kills parts of so many probes, and compares the world before and after each. */
export const soak = async ({runs, seed, width, onProbe}: SoakOptions): Promise<Soak> => {
  const strikes = drawStrikes(runs, seed).entries();
  const result: Soak = {probes: 0, late: 0, repaired: 0, settledMilliseconds: [], found: []};
  const work = async (): Promise<void> => {
    for (const [index, strike] of strikes) {
      const struck = await inScope(scope => strikeProbe(scope, strike));
      const line = describe(index + 1, strike, struck);
      onProbe?.(line);
      count(result, struck, line);
    }
  };
  await Promise.all(Array.from({length: width}, work));
  return result;
};

const count = (
  result: Soak,
  {killed, repaired, settledMilliseconds, leftovers}: Struck,
  line: string,
): void => {
  result.probes += 1;
  if (killed.length === 0) result.late += 1;
  if (repaired !== undefined) result.repaired += 1;
  result.settledMilliseconds.push(settledMilliseconds);
  if (leftovers.length > 0) result.found.push(line);
};

const describe = (number: number, {after, milliseconds}: Strike, struck: Struck): string => {
  const {killed, survivors, steps, repaired, settledMilliseconds, leftovers} = struck;
  const who = killed.length === 0 ? 'nobody (it had ended)' : `${killed.join(', ')}`;
  const rest = survivors.length === 0 ? 'nobody' : survivors.join(', ');
  const when = `${milliseconds} ms after its ${after === 'start' ? 'start' : 'first step'} (${steps} steps)`;
  const end = leftovers.length === 0 ? 'nothing left' : `LEFT: ${leftovers.join('; ')}`;
  const repair = repaired === undefined ? '' : ` [${repaired.split(' ')[0]}]`;
  return `${number}: killed ${who}; left alive ${rest}; ${when}; ${end} after ${settledMilliseconds.toFixed(0)} ms${repair}`;
};
