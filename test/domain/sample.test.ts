import test from 'ava';
import {
  buildSample,
  cacheBytes,
  fileIdentityBytes,
  heldBytes,
  lazyFreeMaxBytes,
  takeableBytes,
  takeableLazyFreeBytes,
} from '../../src/domain/sample.ts';
import {MIB} from '../../src/domain/units.ts';
import {kernelText} from './kernel-text.ts';
import {makeSample} from './samples.ts';

const v1 = (name: string) => buildSample(1, {memoryStat: kernelText(`v1-6.18/memory.stat-${name}`)}, 5);
const v2 = (name: string) =>
  buildSample(
    2,
    {
      memoryStat: kernelText(`v2-7.2/memory.stat-${name}`),
      memoryEvents: kernelText(`v2-7.2/pod-memory.events-${name}`),
      usage: kernelText(`v2-7.2/memory.current-${name}`),
      swapCurrent: kernelText(`v2-7.2/memory.swap.current-${name}`),
      pressure: kernelText('v2-7.2/memory.pressure'),
    },
    5,
  );

/** Up to a batch of 31 pages for each CPU may not have moved to the file list yet (mm/swap.c). */
const BATCH_BYTES = 31 * 4096;

for (const [version, look] of [
  [1, v1],
  [2, v2],
] as const) {
  test(`v${version}: before any pressure the list identity is what the program freed lazily`, t => {
    const sample = look('lazily-freed');
    const off = 64 * MIB - (sample ? lazyFreeMaxBytes(sample) : 0);
    t.true(Math.abs(off) <= BATCH_BYTES, `${off} bytes off`);
  });

  test(`v${version}: the fall of anon under pressure is the fall of the file lists without page cache`, t => {
    const [before, after] = [look('lazily-freed'), look('taken-back')];
    if (!before || !after) return t.fail('both are whole samples');
    const identityFall = fileIdentityBytes(before) - fileIdentityBytes(after);
    t.true(Math.abs(before.anonBytes - after.anonBytes - identityFall) <= BATCH_BYTES);
    t.true(before.anonBytes - after.anonBytes > 60 * MIB);
  });
}

test('v2: pages taken back are counted, and are the fall of anon to the page', t => {
  const [before, after] = [v2('lazily-freed'), v2('taken-back')];
  const pages = (after?.pglazyfreed ?? 0) - (before?.pglazyfreed ?? 0);
  t.is(pages * 4096, (before?.anonBytes ?? 0) - (after?.anonBytes ?? 0));
  t.true((after?.eventsHigh ?? 0) > 0, 'the boundary acted');
  t.is(after?.swapBytes, 0);
  t.is(after?.pressureMicroseconds, 0);
});

test('v1: counters that it does not have are absent, and kernel memory is not told apart', t => {
  const sample = v1('lazily-freed');
  for (const key of ['pglazyfreed', 'pgscan', 'kernelBytes', 'eventsHigh', 'usageBytes'])
    t.false(key in (sample ?? {}), key);
  t.is(sample?.swapBytes, 0);
});

test('kernel memory is what cannot be taken: without reclaimable slab, with sockets', t => {
  const base = kernelText('v2-7.2/memory.stat-lazily-freed');
  const edit = (text: string, values: Record<string, number>) =>
    Object.entries(values).reduce(
      (all, [key, value]) => all.replace(new RegExp(`^${key} .*$`, 'm'), `${key} ${value}`),
      text,
    );
  const full = edit(base, {kernel: 1000, slab_reclaimable: 300, sock: 50});
  t.is(buildSample(2, {memoryStat: full}, 0)?.kernelBytes, 750);
  const old = edit(full, {slab_unreclaimable: 10, kernel_stack: 20, pagetables: 30, percpu: 40}).replace(
    /^kernel .*\n/m,
    '',
  );
  t.is(buildSample(2, {memoryStat: old}, 0)?.kernelBytes, 150);
});

test('a sample without one of the lists is no sample', t => {
  const text = kernelText('v2-7.2/memory.stat-lazily-freed');
  for (const key of ['anon', 'shmem', 'file', 'active_anon', 'inactive_anon', 'active_file', 'inactive_file'])
    t.is(buildSample(2, {memoryStat: text.replace(new RegExp(`^${key} .*\n`, 'm'), '')}, 0), undefined, key);
  t.is(buildSample(2, {memoryStat: ''}, 0), undefined);
});

test('swap that is not counted is unknown, unless the node has none', t => {
  const memoryStat = kernelText('v2-7.2/memory.stat-lazily-freed');
  const unknown = buildSample(2, {memoryStat}, 0);
  t.is(unknown && heldBytes(unknown), undefined);
  const swapless = buildSample(2, {memoryStat, nodeSwapTotalBytes: 0}, 0);
  t.is(swapless && heldBytes(swapless), swapless?.anonBytes);
});

test('held is anon and swap; takeable is the file lists alone', t => {
  const sample = makeSample({swapBytes: 5 * MIB});
  t.is(heldBytes(sample), 105 * MIB);
  t.is(lazyFreeMaxBytes(sample), 60 * MIB);
  t.is(takeableBytes(sample), 70 * MIB);
  t.is(cacheBytes(sample), 10 * MIB);
});

test('v2: what was read back from swap and has its place there still is held once, not twice', t => {
  t.is(heldBytes(makeSample({swapBytes: 50 * MIB, swapCachedBytes: 50 * MIB})), 100 * MIB);
  const readAhead = makeSample({swapBytes: 50 * MIB, swapCachedBytes: 50 * MIB, activeAnonBytes: 70 * MIB});
  t.is(heldBytes(readAhead), 150 * MIB, 'nobody has mapped it, so anon does not count it');
  t.is(heldBytes(makeSample({version: 1, swapBytes: 50 * MIB, swapCachedBytes: 50 * MIB})), 150 * MIB);
  const {swapCachedBytes: _, ...old} = makeSample({swapBytes: 50 * MIB});
  t.is(heldBytes(old), undefined, 'a kernel that does not say how much of it');
});

test('shared memory in swap is not held as anon is, whichever version counts it', t => {
  const change = {swapBytes: 50 * MIB, sharedSwapBytes: 40 * MIB};
  t.is(heldBytes(makeSample(change)), 110 * MIB);
  t.is(heldBytes(makeSample({...change, version: 1})), 110 * MIB);
  t.is(heldBytes(makeSample({...change, swapCachedBytes: 30 * MIB})), 100 * MIB, 'never below anon');
});

test('partly mapped huge pages do not hide what is lazily freed', t => {
  t.is(lazyFreeMaxBytes(makeSample({activeAnonBytes: 120 * MIB})), 60 * MIB);
});

test('locked page cache does not hide what is lazily freed, and never brings it below zero', t => {
  t.is(lazyFreeMaxBytes(makeSample({fileBytes: 42 * MIB, unevictableBytes: 30 * MIB})), 60 * MIB);
  t.is(lazyFreeMaxBytes(makeSample({inactiveFileBytes: 0, activeAnonBytes: 100 * MIB})), 0);
});

test('locked memory and shared memory are never more of the lazily freed than the file lists, or than anon', t => {
  const locked = makeSample({inactiveFileBytes: 10 * MIB, activeFileBytes: 0, unevictableBytes: 60 * MIB});
  t.is(lazyFreeMaxBytes(locked), 10 * MIB);
  const lockedShmem = makeSample({shmemBytes: 500 * MIB, fileBytes: 700 * MIB, inactiveFileBytes: 260 * MIB});
  t.is(lazyFreeMaxBytes(lockedShmem), 100 * MIB);
});

test('of the LazyFree of all processes no more counts than lies on the lists of the cgroup', t => {
  t.is(takeableLazyFreeBytes(makeSample(), 40 * MIB), 40 * MIB);
  t.is(takeableLazyFreeBytes(makeSample(), 180 * MIB), 60 * MIB, 'a page once for each process that has it');
  const locked = makeSample({inactiveFileBytes: 0, unevictableBytes: 60 * MIB});
  t.is(takeableLazyFreeBytes(locked, 60 * MIB), 4 * MIB);
  t.is(takeableLazyFreeBytes(makeSample(), Number.POSITIVE_INFINITY), 60 * MIB, 'a sum that is not known');
});
