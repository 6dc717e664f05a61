import {spawn} from 'node:child_process';
import {mkdirSync} from 'node:fs';
import {uptime} from 'node:os';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {balloonOf, hasBalloon, limitOf, MIB, makePod, type Pod, setLimit, until} from './pod.ts';
import {buildPrograms, repair, run} from './program.ts';

test.before(buildPrograms);

/** What a guardian that was killed with all its children leaves: made by hand, so that every moment can be had. */
const leaveBehind = (pod: Pod, records: string[]): void => {
  for (const name of ['', ...records]) mkdirSync(path.join(balloonOf(pod), name));
};

const WROTE = 64 * MIB;

test('a limit that is still the one that was written is put back', t => {
  const pod = makePod(t);
  const limit = limitOf(pod);
  leaveBehind(pod, [`old-${limit}`, `wrote-${WROTE}`]);
  setLimit(pod, WROTE);
  t.deepEqual(repair(pod), {code: 0, stdout: `repaired boundary=${pod.pod} restored=${limit}`, stderr: ''});
  t.is(limitOf(pod), limit);
  t.false(hasBalloon(pod));
});

test('killed between two squeezes: either value is known', t => {
  const pod = makePod(t);
  const limit = limitOf(pod);
  leaveBehind(pod, [`old-${limit}`, `wrote-${WROTE}`, `wrote-${WROTE + MIB}`]);
  setLimit(pod, WROTE + MIB);
  t.is(repair(pod).code, 0);
  t.is(limitOf(pod), limit);
});

test('killed before the write: nothing is changed', t => {
  const pod = makePod(t);
  const limit = limitOf(pod);
  leaveBehind(pod, [`old-${limit}`, `wrote-${WROTE}`]);
  t.is(repair(pod).stdout, `repaired boundary=${pod.pod} restored=${limit}`);
  t.is(limitOf(pod), limit);
});

test('a limit that somebody else set since is theirs', t => {
  const pod = makePod(t);
  leaveBehind(pod, [`old-${limitOf(pod)}`, `wrote-${WROTE}`]);
  setLimit(pod, WROTE + 5 * MIB);
  t.like(repair(pod), {code: 0, stdout: `repaired boundary=${pod.pod} restored=foreign`});
  t.is(limitOf(pod), String(WROTE + 5 * MIB));
  t.false(hasBalloon(pod));
});

test('killed before the first record: the empty cgroup goes', t => {
  const pod = makePod(t);
  leaveBehind(pod, []);
  t.is(repair(pod).stdout, `repaired boundary=${pod.pod} restored=none`);
  t.false(hasBalloon(pod));
});

test('where there is nothing to repair it says so', t => {
  const pod = makePod(t);
  t.deepEqual(repair(pod), {code: 0, stdout: `clean boundary=${pod.pod}`, stderr: ''});
});

test('all boundaries below a root are found, and only ours', t => {
  const pods = [makePod(t), makePod(t), makePod(t)];
  const [first, second, other] = pods as [Pod, Pod, Pod];
  const limit = limitOf(first);
  for (const pod of [first, second]) leaveBehind(pod, [`old-${limit}`, `wrote-${WROTE}`]);
  setLimit(second, WROTE);
  // Below the pods of this test alone: others may have balloons of their own on this machine.
  for (const pod of pods) {
    const {code, stdout} = run(['repair', '--all', `--root=${pod.pod}`, `--version=${pod.version}`]);
    t.is(code, 0);
    t.is(stdout, pod === other ? '' : `repaired boundary=${pod.pod} restored=${limit}`);
  }
  t.is(limitOf(second), limit);
});

const holdLock = async (t: ExecutionContext, pod: Pod): Promise<void> => {
  const holder = spawn('flock', ['--no-fork', balloonOf(pod), 'sh', '-c', 'echo held; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => void holder.kill('SIGKILL'));
  let held = false;
  holder.stdout.once('data', () => {
    held = true;
  });
  await until('the lock', () => held);
};

test('a guardian that holds its lock long after its deadline is not alive', async t => {
  const [overdue, working] = [makePod(t), makePod(t)];
  const limit = limitOf(overdue);
  leaveBehind(overdue, [`old-${limit}`, `wrote-${WROTE}`, 'until-1']);
  leaveBehind(working, [`old-${limit}`, `wrote-${WROTE}`, 'until-99999999999999']);
  // On a machine that was started a moment ago not even a deadline at its start is long past.
  await until('an uptime that is long enough', () => uptime() > 10.1, 12_000);
  for (const pod of [overdue, working]) {
    setLimit(pod, WROTE);
    await holdLock(t, pod);
  }
  t.is(repair(overdue).code, 0);
  t.is(limitOf(overdue), limit);
  t.is(repair(working).code, 75);
  t.is(limitOf(working), String(WROTE));
});
