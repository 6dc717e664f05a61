import test from 'ava';
import {silentLog} from '../../src/lib/log.ts';
import {type Reconcile, type RunRecord, runController} from '../../src/runtime/controller.ts';
import {WorkQueue} from '../../src/runtime/work-queue.ts';
import {createJumpClock} from '../helpers/jump-clock.ts';
import {eventually} from '../helpers/world.ts';

const start = (reconcile: Reconcile) => {
  const clock = createJumpClock();
  const queue = new WorkQueue({clock, random: () => 1, backoff: {baseMs: 1, capMs: 10}});
  const records: RunRecord[] = [];
  const working = runController({
    queue,
    reconcile,
    workers: 2,
    clock,
    log: silentLog,
    isExpected: () => false,
    record: run => records.push(run),
  });
  const stop = async () => {
    queue.shut();
    await working;
  };
  return {clock, queue, records, stop};
};

test('a run that fails is made again until it goes well, and a mistake in the code is counted as one', async t => {
  let runs = 0;
  const {queue, records, stop} = start(async () => {
    runs += 1;
    if (runs === 1) throw new TypeError('undefined is not a function');
    if (runs === 2) throw new Error('refused');
    return {};
  });
  queue.add('a');
  await eventually('three runs', () => records.length === 3 || undefined);
  await stop();
  t.deepEqual(
    records.map(({label, panicked}) => `${label} ${panicked}`),
    ['error true', 'error false', 'success false'],
  );
});

test('a look is due so long after what the run saw, however long its writes took', async t => {
  const writing = Promise.withResolvers<void>();
  const {clock, queue, records, stop} = start(async () => {
    await writing.promise;
    return {requeueAfterMs: 60_000};
  });
  queue.add('a');
  await eventually('the run', () => queue.figures.running === 1 || undefined);
  clock.jump(60_000);
  writing.resolve();
  await eventually('a second run', () => records.length === 2 || undefined);
  await stop();
  t.is(queue.figures.waiting, 0);
});

test('a key that wants another look gets it', async t => {
  const {clock, queue, records, stop} = start(async () => ({requeueAfterMs: 60_000}));
  queue.add('a');
  await eventually('the first look', () => records.length === 1 || undefined);
  clock.jump(60_000);
  await eventually('the second look', () => records.length === 2 || undefined);
  await stop();
  t.true(records.every(({label}) => label === 'requeue_after'));
});

test('a run under way ends before the controller does', async t => {
  let ended = false;
  const begun = Promise.withResolvers<void>();
  const {queue, stop} = start(async () => {
    begun.resolve();
    await new Promise(resolve => setTimeout(resolve, 50));
    ended = true;
    return {};
  });
  queue.add('a');
  await begun.promise;
  await stop();
  t.true(ended);
});
