import test from 'ava';
import {parseOwnSwap} from '../../src/domain/process-status.ts';
import {countSharedSwap} from '../../src/domain/shared-swap.ts';
import {KIB, MIB} from '../../src/domain/units.ts';

const count = (swappedOutMebibytes: number, ownMebibytes: number[], threads = 1, cpus = 2) =>
  countSharedSwap({
    swappedOutBytes: swappedOutMebibytes * MIB,
    processes: ownMebibytes.map(mebibytes => ({bytes: mebibytes * MIB, threads})),
    cpus,
    pageSizeBytes: 4 * KIB,
  });

test('what no process has as its own is shared, less what their counters may be off by', t => {
  t.is(count(60, [20]), 40 * MIB - 256 * KIB);
  t.is(count(60, [20, 10]), 30 * MIB - 512 * KIB);
  t.is(count(60, [20], 40), 30 * MIB, 'each of 40 threads may keep 256 KiB to itself');
  t.is(count(60, [20], 1, 64), 8 * MIB, 'and each of 64 CPUs 512 KiB');
});

test('memory that two processes share after a fork counts for both, and nothing is shared then', t => {
  t.is(count(60, [60, 60]), 0);
  t.is(count(0, []), 0);
});

const STATUS = `Name:\tapp
State:\tS (sleeping)
VmSwap:\t   20480 kB
Threads:\t12
`;

test('the status of a process says what it has in swap, and how many threads count for it', t => {
  t.deepEqual(parseOwnSwap(STATUS), {bytes: 20 * MIB, threads: 12});
});

test('a zombie has nothing, and one whose threads live on is unknown, like a process that is gone', t => {
  const zombie = 'Name:\tapp\nState:\tZ (zombie)\nThreads:\t1\n';
  t.deepEqual(parseOwnSwap(zombie), {bytes: 0, threads: 0});
  t.is(parseOwnSwap(zombie.replace('Threads:\t1', 'Threads:\t3')), undefined);
  t.is(parseOwnSwap('Name:\tkthread\nState:\tS (sleeping)\nThreads:\t1\n'), undefined);
  t.is(parseOwnSwap(''), undefined);
});
