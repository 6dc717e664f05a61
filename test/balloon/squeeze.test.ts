import test, {type ExecutionContext} from 'ava';
import {
  anonOf,
  hasBalloon,
  IN_USER_MODE,
  LAZY_MIB,
  limitOf,
  MIB,
  makePod,
  recordsOf,
  setLimit,
  usageOf,
} from './pod.ts';
import {BALLOON, buildPrograms, numberOf, SANITIZED, startBalloon, startTarget} from './program.ts';
import {openSqueeze, squeeze, stepOnce} from './squeeze.ts';

test.before(buildPrograms);

/** Per-CPU batches of the kernel's counters, and the target's own few pages. */
const EPSILON_MIB = 4;

const takesAll = async (t: ExecutionContext, binary: string) => {
  const pod = makePod(t);
  await startTarget(t, pod);
  const [limit, before, usage] = [limitOf(pod), anonOf(pod), usageOf(pod)];
  const balloon = await startBalloon(t, pod, {}, binary);
  const {end, limits, kills} = await squeeze(pod, balloon);
  const takenMib = (before - anonOf(pod)) / MIB;
  t.true(Math.abs(takenMib - LAZY_MIB) <= EPSILON_MIB, `${takenMib} MiB taken, ${end}`);
  t.regex(end, pod.version === 2 ? /^stalled / : /shrink=busy/);
  t.is(kills, 0);
  if (pod.version === 1) t.deepEqual([...new Set(limits)], [limit], 'never tight between steps');
  t.is(limitOf(pod), limit);
  t.regex(await balloon.ask('release'), /^released us=\d+$/);
  t.true(usageOf(pod) <= usage - (LAZY_MIB - EPSILON_MIB) * MIB);
  balloon.send('quit');
  t.is(await balloon.exited, 0);
  t.is(balloon.stderr(), '');
  t.false(hasBalloon(pod));
};

test('takes back all that the target freed lazily, and leaves the limit as it was', takesAll, BALLOON);

// ASan reserves more address space than a guest kernel in user mode has.
if (!IN_USER_MODE) test('does the same under ASan and UBSan', takesAll, SANITIZED);

test('records the old limit before it touches the boundary, and what it wrote', async t => {
  const pod = makePod(t);
  await startTarget(t, pod, [50, 10]);
  const limit = limitOf(pod);
  const balloon = await startBalloon(t, pod);
  t.deepEqual(recordsOf(pod), [`old-${limit}`]);
  await openSqueeze(pod, balloon);
  t.deepEqual(recordsOf(pod).sort(), [
    `old-${limit}`,
    ...(pod.version === 2 ? [`wrote-${limitOf(pod)}`] : []),
  ]);
  t.regex(await stepOnce(pod, balloon), /^inflated /);
  t.is(await balloon.ask('restore'), 'restored');
  t.deepEqual(recordsOf(pod), [`old-${limit}`]);
  t.is(limitOf(pod), limit);
});

test('squeezes again after a release, with the same worker', async t => {
  const pod = makePod(t);
  await startTarget(t, pod, [80, 10]);
  const balloon = await startBalloon(t, pod);
  const worker = numberOf(balloon.line, 'worker');
  for (let round = 0; round < 3; round += 1) {
    t.is(numberOf(await openSqueeze(pod, balloon), 'worker'), worker);
    t.regex(await stepOnce(pod, balloon), /^inflated bytes=16777216 /);
    t.regex(await balloon.ask('release'), /^released /);
    t.is(numberOf(await balloon.ask('state'), 'bytes'), 0);
  }
});

test('keeps an old limit that is a number, page by page', async t => {
  const pod = makePod(t);
  await startTarget(t, pod, [50, 10]);
  setLimit(pod, 777 * MIB);
  const limit = limitOf(pod);
  const balloon = await startBalloon(t, pod);
  t.regex(balloon.line, new RegExp(` old=${limit} `));
  await openSqueeze(pod, balloon);
  await stepOnce(pod, balloon);
  await balloon.ask('release');
  t.is(limitOf(pod), limit);
});
