import test from 'ava';
import fc from 'fast-check';
import {computeBalance} from '../../src/domain/balance.ts';
import type {Sample} from '../../src/domain/sample.ts';
import {KIB, MIB} from '../../src/domain/units.ts';
import {makeSample, takeLazilyFreed} from './samples.ts';

/** Of makeSample, as smaps has it. */
const lazyFreeMinBytes = 60 * MIB;

const epsilonBytes = 512 * KIB;
const v2 = makeSample();
const v1 = makeSample({version: 1});
/** As the kernel does with a page that it finds dirty on the file list. */
const goBackToAnon = (sample: Sample, bytes: number): Sample => ({
  ...sample,
  inactiveAnonBytes: sample.inactiveAnonBytes + bytes,
  inactiveFileBytes: sample.inactiveFileBytes - bytes,
});
const fall = (sample: Sample, bytes: number): Sample => ({
  ...sample,
  anonBytes: sample.anonBytes - bytes,
  inactiveAnonBytes: sample.inactiveAnonBytes - bytes,
});

for (const before of [v1, v2])
  test(`v${before.version}: a fall that the kernel took back as lazily freed is explained`, t => {
    const balance = computeBalance({
      before,
      after: takeLazilyFreed(before, 60 * MIB),
      epsilonBytes,
      lazyFreeMinBytes,
    });
    t.is(balance.lazyFreedBytes, 60 * MIB);
    t.is(balance.unexplainedBytes, 0);
    t.is(balance.allocatedBytes, 0);
    t.is(balance.swappedBytes, 0);
  });

for (const before of [v1, v2])
  test(`v${before.version}: what went to swap is neither reclaimed nor unexplained`, t => {
    const after = {...fall(before, 20 * MIB), swapBytes: 20 * MIB};
    const balance = computeBalance({before, after, epsilonBytes, lazyFreeMinBytes});
    t.is(balance.swappedBytes, 20 * MIB);
    t.is(balance.lazyFreedBytes, 0);
    t.is(balance.unexplainedBytes, 0);
  });

for (const before of [v1, v2])
  test(`v${before.version}: a fall that nobody took is unexplained`, t => {
    const balance = computeBalance({before, after: fall(before, 20 * MIB), epsilonBytes, lazyFreeMinBytes});
    t.is(balance.unexplainedBytes, 20 * MIB);
    t.is(balance.returnedBytes, undefined);
  });

test('what the target allocated meanwhile is no fault', t => {
  const after = fall(takeLazilyFreed(v2, 60 * MIB), -10 * MIB);
  const balance = computeBalance({before: v2, after, epsilonBytes});
  t.is(balance.allocatedBytes, 10 * MIB);
  t.is(balance.unexplainedBytes, 0);
  t.is(balance.lazyFreedBytes, 60 * MIB);
});

test('a residual within epsilon is none', t => {
  for (const bytes of [epsilonBytes, -epsilonBytes]) {
    const balance = computeBalance({before: v2, after: fall(v2, bytes), epsilonBytes});
    t.is(balance.unexplainedBytes, 0);
    t.is(balance.allocatedBytes, 0);
  }
});

test('v1: pages that were written again leave the file list without leaving anon: they were not taken back', t => {
  const after = goBackToAnon(v1, 30 * MIB);
  t.is(computeBalance({before: v1, after, epsilonBytes, lazyFreeMinBytes}).lazyFreedBytes, 0);
});

test('v1: pages that were written again hide nothing of what the program gives back itself', t => {
  const after = fall(goBackToAnon(v1, 60 * MIB), 40 * MIB);
  const balance = computeBalance({before: v1, after, epsilonBytes, lazyFreeMinBytes: 0});
  t.is(balance.lazyFreedBytes, 0);
  t.is(balance.unexplainedBytes, 40 * MIB);
});

test('v1: locked memory that the program gives back lay on no list', t => {
  const before = {...v1, anonBytes: v1.anonBytes + 40 * MIB, unevictableBytes: 40 * MIB};
  const balance = computeBalance({before, after: v1, epsilonBytes, lazyFreeMinBytes});
  t.is(balance.lazyFreedBytes, 0);
  t.is(balance.unexplainedBytes, 40 * MIB);
});

test('v1: without LazyFree of the processes nothing is said of what was taken', t => {
  const balance = computeBalance({before: v1, after: takeLazilyFreed(v1, 60 * MIB), epsilonBytes});
  t.is(balance.lazyFreedBytes, undefined);
  t.is(balance.unexplainedBytes, undefined);
});

test('v2: pages that are used and freed again count once, however often they are taken', t => {
  const after = {...takeLazilyFreed(v2, 20 * MIB), pglazyfreed: 1000 + (300 * MIB) / 4096};
  const balance = computeBalance({before: v2, after, epsilonBytes});
  t.is(balance.lazyFreedBytes, 60 * MIB);
  t.is(balance.unexplainedBytes, 0);
});

test('v2: however often a small buffer is taken, it is no more than the file lists hold: locked memory is not on them', t => {
  const before = makeSample({
    anonBytes: 310 * MIB,
    inactiveAnonBytes: 82 * MIB,
    unevictableBytes: 200 * MIB,
    shmemBytes: 0,
    fileBytes: 0,
    activeAnonBytes: 18 * MIB,
    activeFileBytes: 0,
    inactiveFileBytes: 10 * MIB,
  });
  const after = {...takeLazilyFreed(before, 10 * MIB), pglazyfreed: 1000 + (100 * MIB) / 4096};
  t.is(computeBalance({before, after, epsilonBytes}).lazyFreedBytes, 10 * MIB);
});

test('v2: what was freed lazily only during the squeeze counts as far as anon fell', t => {
  const after = {...fall(v2, 80 * MIB), pglazyfreed: 1000 + (80 * MIB) / 4096};
  const balance = computeBalance({before: v2, after, epsilonBytes});
  t.is(balance.lazyFreedBytes, 80 * MIB);
  t.is(balance.unexplainedBytes, 0);
});

const ruledOut = {ksmRunning: false, processesChanged: false};

test('v2: what only the program can have given back is returned, when it stays given back', t => {
  const after = fall(v2, 20 * MIB);
  const balance = computeBalance({before: v2, after, epsilonBytes, ...ruledOut});
  t.is(balance.returnedBytes, 20 * MIB);
  t.is(balance.unexplainedBytes, 0);
  const taken = computeBalance({before: v2, after, last: v2, epsilonBytes, ...ruledOut});
  t.is(taken.returnedBytes, 0, 'it came back before the end of the hold');
  t.is(taken.unexplainedBytes, 20 * MIB);
});

test('v2: the kernel dropping what was read back from swap is neither returned nor unexplained: it went to swap', t => {
  const before = {...v2, swapBytes: 30 * MIB, swapCachedBytes: 30 * MIB};
  const after = {...fall(before, 30 * MIB), swapCachedBytes: 0};
  const balance = computeBalance({before, after, epsilonBytes, ...ruledOut});
  t.is(balance.returnedBytes, 0);
  t.is(balance.unexplainedBytes, 0);
  t.is(balance.swappedBytes, 30 * MIB);
});

test('v2: nothing counts as returned while something else may have taken it', t => {
  const after = fall(v2, 20 * MIB);
  for (const doubt of [
    {ksmRunning: true, processesChanged: false},
    {ksmRunning: false, processesChanged: true},
    {ksmRunning: false},
    {},
  ])
    t.is(computeBalance({before: v2, after, epsilonBytes, ...doubt}).returnedBytes, undefined);
  const split = {before: {...v2, anonThpBytes: 40 * MIB}, after: {...after, anonThpBytes: 20 * MIB}};
  t.is(computeBalance({...split, epsilonBytes, ...ruledOut}).returnedBytes, undefined);
  const demoted = {before: {...v2, pgdemote: 0}, after: {...after, pgdemote: 5}};
  t.is(computeBalance({...demoted, epsilonBytes, ...ruledOut}).returnedBytes, undefined);
});

test('v1 never says returned: it cannot tell', t => {
  const balance = computeBalance({
    before: v1,
    after: fall(v1, 20 * MIB),
    epsilonBytes,
    lazyFreeMinBytes,
    ...ruledOut,
  });
  t.is(balance.returnedBytes, undefined);
  t.is(balance.unexplainedBytes, 20 * MIB);
});

test('a counter that is absent leaves its sums absent', t => {
  const {pglazyfreed: _, ...uncounted} = v2;
  const balance = computeBalance({before: uncounted, after: fall(uncounted, MIB), epsilonBytes});
  t.deepEqual(Object.keys(balance).sort(), ['anonFallBytes', 'swappedBytes']);
  const {swapBytes: __, ...swapless} = v2;
  t.deepEqual(computeBalance({before: swapless, after: v2, epsilonBytes}), {anonFallBytes: 0});
});

test('the sheet adds up: fall = lazily freed + swap + residual, whatever happens at once', t => {
  const amount = fc.integer({min: 0, max: 4000}).map(pages => pages * 4096);
  fc.assert(
    fc.property(amount, amount, amount, amount, (lazy, swapped, freed, allocated) => {
      const taken = takeLazilyFreed(v2, lazy);
      const after = {...fall(taken, swapped + freed - allocated), swapBytes: swapped};
      const balance = computeBalance({before: v2, after, epsilonBytes});
      const residual = freed - allocated;
      return (
        balance.lazyFreedBytes === lazy &&
        balance.unexplainedBytes === (residual > epsilonBytes ? residual : 0) &&
        balance.allocatedBytes === (residual < -epsilonBytes ? -residual : 0)
      );
    }),
  );
  t.pass();
});
