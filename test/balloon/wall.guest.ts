import {setTimeout as wait} from 'node:timers/promises';
import test, {type ExecutionContext} from 'ava';
import {anonOf, killsOf, limitOf, MIB, makePod, usageOf} from './pod.ts';
import {buildPrograms, numberOf, type Program, startBalloon, startTarget} from './program.ts';
import {squeeze} from './squeeze.ts';

test.before(buildPrograms);

/** 80 MiB held, of which 4 MiB are written every 5 ms. */
const BUSY = [100, 80, 4, 5];
/** What a target may see of a whole squeeze. */
const LONGEST_GAP_MILLISECONDS = 100;
const ATTEMPTS = 3;
const ROUNDS = 5;

const gapMilliseconds = async (target: Program): Promise<number> =>
  numberOf(await target.ask('gap'), 'us') / 1000;

/** The longest pause of a target while it was squeezed to the floor and one step past it. */
const squeezePast = async (t: ExecutionContext): Promise<{before: number; during: number}> => {
  const pod = makePod(t);
  const target = await startTarget(t, pod, BUSY);
  await gapMilliseconds(target); // its start is no part of it
  await wait(500);
  const before = await gapMilliseconds(target);
  const anon = anonOf(pod);
  const balloon = await startBalloon(t, pod);
  const {end} = await squeeze(pod, balloon);
  const during = await gapMilliseconds(target);
  t.regex(end, /^stalled bytes=\d+$/);
  t.true(anon - anonOf(pod) >= 96 * MIB, 'all that was lazily freed is back');
  t.is(limitOf(pod), 'max');
  t.is(killsOf(pod), 0);
  t.is(numberOf(await balloon.ask('state'), 'bytes'), 0);
  t.true(usageOf(pod) <= 90 * MIB);
  target.kill();
  return {before, during};
};

test('a busy target sees no gap above 100 ms in a squeeze that goes past the last reclaimable page', async t => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const gaps: number[] = [];
    // What the wall does to a target it does every time; what a busy machine does to a guest, only sometimes.
    while (gaps.length < ATTEMPTS && Math.min(...gaps) > LONGEST_GAP_MILLISECONDS) {
      const {before, during} = await squeezePast(t);
      t.log(`longest gap ${during.toFixed(1)} ms, ${before.toFixed(1)} ms in the half second before`);
      gaps.push(during);
    }
    t.true(Math.min(...gaps) <= LONGEST_GAP_MILLISECONDS, `${gaps.join(', ')} ms`);
  }
});
