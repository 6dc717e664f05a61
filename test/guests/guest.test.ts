import {setTimeout as wait} from 'node:timers/promises';
import test from 'ava';
import {findFailures, makeLanes} from './guest.ts';

test('of a TAP output only the failed tests are told, each with its reasons', t => {
  const tap =
    'ok 1 - a\n# x\nnot ok 2 - b\n  ---\n  why: c\n  ...\nok 3 - d\nnot ok 4 - e\n  ---\n  ...\n1..4\n';
  t.deepEqual(findFailures(tap), ['not ok 2 - b\n  ---\n  why: c\n  ...\n', 'not ok 4 - e\n  ---\n  ...\n']);
  t.deepEqual(findFailures('ok 1 - a\n1..1\n'), []);
});

test('two lanes let two calls run at a time, in their order, and one that fails frees its lane', async t => {
  const inLane = makeLanes(2);
  const order: number[] = [];
  let running = 0;
  let most = 0;
  const results = await Promise.allSettled(
    [0, 1, 2, 3, 4].map(number =>
      inLane(async () => {
        order.push(number);
        running += 1;
        most = Math.max(most, running);
        await wait(5);
        running -= 1;
        if (number === 1) throw new Error('failed');
        return number;
      }),
    ),
  );
  t.deepEqual(order, [0, 1, 2, 3, 4]);
  t.is(most, 2);
  t.deepEqual(
    results.map(({status}) => status),
    ['fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled'],
  );
});
