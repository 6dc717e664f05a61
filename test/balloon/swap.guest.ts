import {execFileSync} from 'node:child_process';
import {writeFileSync} from 'node:fs';
import test, {type ExecutionContext} from 'ava';
import {anonOf, limitOf, MIB, makePod, read, usageOf} from './pod.ts';
import {buildPrograms, numberOf, startBalloon, startTarget} from './program.ts';
import {openSqueeze, stepOnce} from './squeeze.ts';

test.before(() => {
  buildPrograms();
  writeFileSync('/sys/block/zram0/disksize', '256M');
  execFileSync('mkswap', ['/dev/zram0'], {stdio: 'ignore'});
  execFileSync('swapon', ['/dev/zram0']);
});

test.after.always(() => void execFileSync('swapoff', ['/dev/zram0']));

const LAZY_MIB = 100;

test('where there is swap every step is led by a reclaim that never swaps, and the last one is dry', async t => {
  const pod = makePod(t);
  await startTarget(t, pod, [LAZY_MIB, 60]);
  const anon = anonOf(pod);
  const balloon = await startBalloon(t, pod);
  t.regex(balloon.line, / reclaim-lead=1$/);
  await openSqueeze(pod, balloon);
  let answer = await stepOnce(pod, balloon);
  while (/ lead=ok$/.test(answer)) answer = await stepOnce(pod, balloon);
  t.regex(answer, /^inflated bytes=\d+ us=\d+ lead=dry$/);
  t.true(Math.abs(anon - anonOf(pod) - LAZY_MIB * MIB) <= 4 * MIB, `${(anon - anonOf(pod)) / MIB} MiB`);
  t.true(Number(read(pod.pod, 'memory.swap.current')) <= MIB);
  t.is(await balloon.ask('restore'), 'restored');
  t.regex(await balloon.ask('release'), /^released /);
  t.is(limitOf(pod), 'max');
});

test('swap that grows all the same trips the guard', async t => {
  const pod = makePod(t);
  await startTarget(t, pod, [0, 60]);
  const balloon = await startBalloon(t, pod);
  await openSqueeze(pod, balloon);
  t.regex(await balloon.ask(`inflate bytes=0`), /^inflated bytes=0 /);
  // Somebody else's pressure: a plain reclaim swaps the held memory out.
  writeFileSync(`${pod.container}/memory.reclaim`, '30M');
  t.true(numberOf(`swap=${read(pod.pod, 'memory.swap.current')}`, 'swap') > 16 * MIB);
  t.regex(await balloon.nextLine(), /^tripped guard=swap value=\d+$/);
  t.is(limitOf(pod), 'max');
  t.true(usageOf(pod) < 60 * MIB);
});

/** A balloon that asks, in a pod whose target could be swapped. */
const startAsking = async (t: ExecutionContext) => {
  const pod = makePod(t);
  await startTarget(t, pod, [LAZY_MIB, 60]);
  const anon = anonOf(pod);
  const balloon = await startBalloon(t, pod, {method: 'reclaim'});
  t.regex(await balloon.ask('squeeze'), /^squeezing /);
  return {pod, anon, balloon};
};

test('a kernel that is asked for more than was lazily freed swaps nothing of what is held', async t => {
  const {pod, anon, balloon} = await startAsking(t);
  t.regex(await balloon.ask(`reclaim bytes=${150 * MIB}`), /^reclaimed bytes=\d+ us=\d+ end=dry$/);
  t.true(Math.abs(anon - anonOf(pod) - LAZY_MIB * MIB) <= MIB, `${(anon - anonOf(pod)) / MIB} MiB`);
  t.is(read(pod.container, 'memory.swap.current'), '0');
});

test('no more is asked for once something of the target was swapped', async t => {
  const {pod, balloon} = await startAsking(t);
  // Somebody else's pressure on what is held: what is lazily freed goes first.
  writeFileSync(`${pod.container}/memory.reclaim`, `${(LAZY_MIB + 8) * MIB}`);
  t.true(Number(read(pod.container, 'memory.swap.current')) > 0);
  t.regex(await balloon.ask(`reclaim bytes=${64 * MIB}`), /^reclaimed bytes=33554432 us=\d+ end=swap$/);
  t.regex(await balloon.ask('release'), /^released /);
});
