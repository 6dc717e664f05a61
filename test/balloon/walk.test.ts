import {readFileSync} from 'node:fs';
import test from 'ava';
import {HELD_MIB, LAZY_MIB, makePod} from './pod.ts';
import {buildPrograms, run, SANITIZED, startTarget} from './program.ts';

test.before(buildPrograms);

const NOBODY = 2 ** 22 + 1; // above the largest pid that there may be

const lazyFreeOf = (text: string): number => Number(/^LazyFree: +(\d+) kB$/m.exec(text)?.[1]) / 1024;

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
  const referenced = (): number =>
    Number(/^Referenced: +(\d+) kB$/m.exec(readFileSync(`/proc/${target.pid}/smaps_rollup`, 'utf8'))?.[1]) /
    1024;
  t.true(referenced() >= HELD_MIB);
  t.regex(run(['clear', `/proc/${target.pid}/clear_refs`]).stdout, /^end us=\d+ errno=0$/);
  t.true(referenced() < HELD_MIB / 2);
});

test('names no file: one sentence', t => {
  t.like(run(['read']), {code: 64, stdout: '', stderr: 'balloon: give the files below /proc to read'});
});
