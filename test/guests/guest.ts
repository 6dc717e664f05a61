import {execFile} from 'node:child_process';
import path from 'node:path';
import {promisify} from 'node:util';

const ROOT = path.resolve(import.meta.dirname, '../..');
const GUEST = path.join(ROOT, 'test/cluster/guest-run');

/** What a guest runs: shell lines, the memory that it has, and after how long it is killed. */
export type GuestRun = {lines: string[]; memory: string; seconds: number};

/**
 * Runs shell lines in a throw-away guest kernel with cgroup v2, each if the ones before it succeeded. Returns what they
 * printed; where one fails, rejects with the tests that failed, or with all that was printed when no test did.
 */
export const runInGuest = async ({lines, memory, seconds}: GuestRun): Promise<string> => {
  const args = ['-m', memory, '-t', String(seconds), lines.join(' && ')];
  const guest = promisify(execFile)(GUEST, args, {cwd: ROOT, maxBuffer: 1 << 26});
  const {stdout} = await guest.catch(({code, stdout, stderr}) => {
    const failed = findFailures(stdout);
    throw new Error(
      `the guest ended with code ${code}\n${(failed.length > 0 ? failed : [stdout, stderr]).join('\n')}`,
    );
  });
  return stdout;
};

/** The failed tests of a TAP output, each with the lines that say why. */
export const findFailures = (tap: string): string[] =>
  tap.match(/^not ok .*\n(?:(?!(?:not )?ok |1\.\.).*\n)*/gm) ?? [];

/** Lets at most `count` calls run at a time; the others wait in the order in which they came. */
export const makeLanes = (count: number): (<T>(run: () => Promise<T>) => Promise<T>) => {
  const waiting: (() => void)[] = [];
  let free = count;
  return async run => {
    if (free > 0) free -= 1;
    else await new Promise<void>(resolve => waiting.push(resolve));
    try {
      return await run();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
};
