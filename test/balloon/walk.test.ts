import {execFileSync, spawnSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {cpus} from 'node:os';
import {setTimeout as wait} from 'node:timers/promises';
import test from 'ava';
import {HELD_MIB, LAZY_MIB, makePod} from './pod.ts';
import {buildPrograms, run, SANITIZED, startTarget} from './program.ts';

test.before(buildPrograms);

const NOBODY = 2 ** 22 + 1; // above the largest pid that there may be

/** A TLB has room for all of it. */
const BUSY_MIB = 2;

/** A field of smaps_rollup, in MiB. */
const readField = (text: string, name: string): number =>
  Number(new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(text)?.[1]) / 1024;
const lazyFreeOf = (text: string): number => readField(text, 'LazyFree');
const referencedOf = (pid: number): number =>
  readField(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'), 'Referenced');

test('prints what the kernel says of each process, and of one that is gone that it is', async t => {
  const target = await startTarget(t, makePod(t));
  const files = [target.pid, NOBODY, process.pid].map(pid => `/proc/${pid}/smaps_rollup`);
  const {code, stdout} = run(['read', ...files]);
  t.is(code, 0);
  const ends = stdout.match(/^end us=\d+ errno=\w+$/gm) ?? [];
  t.deepEqual(
    ends.map(end => end.replace(/^.*=/, '')),
    ['0', 'ENOENT', '0'],
  );
  // A few pages that sat in a CPU's batch were passed over when they were freed.
  t.true(Math.abs(lazyFreeOf(stdout) - LAZY_MIB) <= 1);
});

test('prints a long file whole', t => {
  const file = `/proc/${process.pid}/smaps`;
  const {stdout} = run(['read', file], SANITIZED);
  const count = (text: string): number => text.match(/^VmFlags:/gm)?.length ?? 0;
  // A mapping more or less may come and go meanwhile.
  t.true(Math.abs(count(stdout) - count(readFileSync(file, 'utf8'))) <= 20);
  t.regex(stdout, /\nVmFlags:[^\n]*\nend us=\d+ errno=0$/);
});

test('clears the referenced bits of a process', async t => {
  const target = await startTarget(t, makePod(t));
  t.true(referencedOf(target.pid) >= HELD_MIB);
  t.regex(run(['clear', `/proc/${target.pid}/clear_refs`]).stdout, /^end us=\d+ errno=0$/);
  t.true(referencedOf(target.pid) < HELD_MIB / 2);
});

test('memory in constant use gets its referenced bits back at once, though a CPU remembers where its pages are', async t => {
  const target = await startTarget(t, makePod(t), [0, BUSY_MIB, BUSY_MIB, 0]);
  execFileSync('taskset', ['-cp', String(cpus().length - 1), String(target.pid)]);
  const missed: string[] = [];
  for (let round = 0; round < 20; round += 1) {
    run(['clear', `/proc/${target.pid}/clear_refs`]);
    t.regex(run(['flush']).stdout, /^cpus=0(?:,\d+)*$/);
    await wait(50); // the target writes all of it in far less
    const referenced = referencedOf(target.pid);
    if (referenced < BUSY_MIB) missed.push(`${referenced} MiB`);
  }
  t.deepEqual(missed, []);
});

test('flushes where it may run, and says so', t => {
  const {stdout} = spawnSync('taskset', ['-c', '0', SANITIZED, 'flush'], {encoding: 'utf8'});
  t.is(stdout, 'cpus=0\n');
});

test('names no file: one sentence', t => {
  t.like(run(['read']), {code: 64, stdout: '', stderr: 'balloon: give the files below /proc to read'});
});
