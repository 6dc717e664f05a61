import test from 'ava';
import {sleep} from '../../src/lib/clock.ts';
import {createJumpClock} from '../helpers/jump-clock.ts';

test('a sleep ends when its time is over', async t => {
  const clock = createJumpClock();
  const sleeping = sleep(clock, 60_000);
  clock.jump(60_000);
  await sleeping;
  t.pass();
});

test('a sleep ends early when it is called off, and at once when it already was', async t => {
  const controller = new AbortController();
  const sleeping = sleep(createJumpClock(), 60_000, controller.signal);
  controller.abort();
  await sleeping;
  await sleep(createJumpClock(), 60_000, controller.signal);
  t.pass();
});
