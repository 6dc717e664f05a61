import test from 'ava';
import fc from 'fast-check';
import {systemClock} from '../../src/lib/clock.ts';
import {silentLog} from '../../src/lib/log.ts';
import {runController} from '../../src/runtime/controller.ts';
import {WorkQueue} from '../../src/runtime/work-queue.ts';
import {createJumpClock} from '../helpers/jump-clock.ts';

const BACKOFF = {baseMs: 10, capMs: 1000};
const build = (clock = createJumpClock()) => ({
  clock,
  queue: new WorkQueue({clock, random: () => 1, backoff: BACKOFF}),
});

test('a key that is added many times is handed out once', async t => {
  const {queue} = build();
  queue.add('a');
  queue.add('a');
  queue.add('b');
  t.is((await queue.take())?.key, 'a');
  t.is((await queue.take())?.key, 'b');
  t.is(queue.figures.depth, 0);
});

test('a key that is added while it runs is handed out again afterwards, and not before', async t => {
  const {queue} = build();
  queue.add('a');
  await queue.take();
  queue.add('a');
  t.is(queue.figures.depth, 0);
  queue.done('a');
  t.is((await queue.take())?.key, 'a');
});

test('of two times the earlier one wins', async t => {
  const {clock, queue} = build();
  queue.addAfter('a', 60_000);
  queue.addAfter('a', 1000);
  queue.addAfter('a', 30_000);
  t.is(queue.figures.waiting, 1);
  clock.jump(1000);
  t.is((await queue.take())?.key, 'a');
  t.is(queue.figures.waiting, 0);
});

test('each failure in a row doubles the pause up to the cap; a success forgets them', t => {
  const {queue} = build();
  const pauses = Array.from({length: 9}, () => queue.retry('a'));
  t.deepEqual(pauses, [10, 20, 40, 80, 160, 320, 640, 1000, 1000]);
  queue.forget('a');
  t.is(queue.retry('a'), 10);
  queue.shut();
});

test('whoever waits when the queue is shut gets nothing', async t => {
  const {queue} = build();
  const waiting = queue.take();
  queue.addAfter('a', 5000);
  queue.shut();
  t.is(await waiting, undefined);
  queue.add('b');
  t.is(await queue.take(), undefined);
  t.deepEqual(queue.figures.waiting, 0);
});

test('never two runs of one key at once, and no wish is lost, in whatever order things happen', async t => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.constantFrom('a', 'b', 'c'), {minLength: 1, maxLength: 20}),
      fc.integer({min: 1, max: 3}),
      async (scheduler, wishes, workers) => {
        const {queue} = build();
        const world = new Map<string, number>();
        const seen = new Map<string, number>();
        const running = new Set<string>();
        let overlaps = 0;
        const reconcile = async (key: string) => {
          if (running.has(key)) overlaps += 1;
          running.add(key);
          const version = world.get(key) ?? 0;
          await scheduler.schedule(Promise.resolve(), `run ${key}`);
          seen.set(key, version);
          running.delete(key);
          return {};
        };
        const working = runController({
          queue,
          reconcile,
          workers,
          clock: systemClock,
          log: silentLog,
          isExpected: () => false,
          record: () => undefined,
        });
        for (const key of wishes)
          scheduler.schedule(Promise.resolve(), `add ${key}`).then(() => {
            world.set(key, (world.get(key) ?? 0) + 1);
            queue.add(key);
          });
        await scheduler.waitIdle();
        queue.shut();
        await working;
        t.is(overlaps, 0);
        t.deepEqual([...seen].sort(), [...world].sort(), 'the last run of each key saw its last version');
      },
    ),
    {numRuns: 200},
  );
});
