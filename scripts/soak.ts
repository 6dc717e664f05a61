/**
 * `make soak`: probes of plain cgroups that end at random moments by kill -9 of the agent, of parts of the balloon, or of
 * all; the world is compared before and after each. RUNS of them on this machine, and as many in a guest with cgroup v2.
 * Usage: node scripts/soak.ts [native] [guest]; environment: RUNS (200), SEED (random, printed). Ends with 1 where
 * anything was left.
 */
import {randomInt} from 'node:crypto';
import {findHierarchy} from '../src/agent/cgroup-tree.ts';
import {buildPrograms} from '../test/agent/cgroups.ts';
import {SWAP_ON} from '../test/agent/guest-swap.ts';
import {soak} from '../test/agent/soak/soak.ts';
import {readNumber} from './read-number.ts';
import {show} from './run.ts';

const RUNS = readNumber('RUNS', 200);
const SEED = readNumber('SEED', randomInt(2 ** 31));
/** A guest has one processor, and prints when it ends: not so many that a busy machine loses all of them at the limit. */
const GUEST_RUNS = 25;
const GUEST_SECONDS = 900;
const NATIVE_WIDTH = 4;

const soakHere = async (runs: number, seed: number, width: number): Promise<void> => {
  const {version} = findHierarchy('/sys/fs/cgroup');
  const {probes, late, repaired, settledMilliseconds, found} = await soak({
    runs,
    seed,
    width,
    onProbe: line => console.log(`  ${line}`),
  });
  const slowest = Math.max(...settledMilliseconds).toFixed(0);
  console.log(
    `cgroup v${version}, seed ${seed}: ${probes} probes, ${late} of them over before they were struck, ` +
      `${repaired} repaired as nobody was left; everything as before within ${slowest} ms; ${found.length} left something`,
  );
  for (const line of found) console.log(`LEFT ${line}`);
  if (found.length > 0) process.exitCode = 1;
};

/** Every other guest has swap: there each step is led by a reclaim, and swap settings are there to be changed. */
const soakInGuests = async (): Promise<void> => {
  for (let done = 0, guests = 0; done < RUNS; done += GUEST_RUNS, guests += 1) {
    const runs = Math.min(GUEST_RUNS, RUNS - done);
    const swaps = guests % 2 === 1;
    const line = `RUNS=${runs} SEED=${SEED + done} node --single-threaded scripts/soak.ts inside`;
    await show(`probes ${done + 1} to ${done + runs} in a guest with cgroup v2${swaps ? ' and swap' : ''}`, [
      'test/cluster/guest-run',
      ...['-m', '2G', '-t', String(GUEST_SECONDS)],
      swaps ? `${SWAP_ON} && ${line}` : line,
    ]);
  }
};

const PLACES: Record<string, () => Promise<void>> = {
  native: () => soakHere(RUNS, SEED, NATIVE_WIDTH),
  guest: soakInGuests,
  inside: () => soakHere(RUNS, SEED, 1),
};

buildPrograms();
for (const place of process.argv.slice(2)) {
  const run = PLACES[place];
  if (run === undefined) throw new Error(`no place "${place}"; there are native and guest`);
  await run();
}
