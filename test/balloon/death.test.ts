import {randomInt} from 'node:crypto';
import {setTimeout as wait} from 'node:timers/promises';
import test, {type ExecutionContext} from 'ava';
import {
  hasBalloon,
  killsOf,
  limitOf,
  MIB,
  makePod,
  type Pod,
  strikeDown,
  until,
  usageOf,
  workersOf,
} from './pod.ts';
import {type Balloon, buildPrograms, isGone, numberOf, repair, startBalloon, startTarget} from './program.ts';
import {openSqueeze, stepOnce} from './squeeze.ts';

test.before(buildPrograms);

type Victim = 'guardian' | 'worker' | 'helper';
/** Each at moments of its own: what matters is what the kernel was doing just then. */
const DEATHS = 8;
const LATEST_MILLISECONDS = 120;
/** The bound that users are promised. */
const LETTING_GO_MILLISECONDS = 1000;

/** Steps to the floor, again and again. After the strike it asks for nothing: not to let go, nor for another squeeze. */
const pressOn = async (pod: Pod, balloon: Balloon, isStruck: () => boolean): Promise<void> => {
  while (!isStruck()) {
    await openSqueeze(pod, balloon);
    while (!isStruck() && /^inflated (?!.*busy)/.test(await stepOnce(pod, balloon)));
    if (!isStruck()) await balloon.ask('release');
  }
};

/** A balloon in the middle of its work, some of whose processes have just been killed. */
const strike = async (t: ExecutionContext, victims: Victim[]) => {
  const pod = makePod(t);
  const target = await startTarget(t, pod, [60, 20]);
  const [limit, usage] = [limitOf(pod), usageOf(pod)];
  const balloon = await startBalloon(t, pod);
  const everybody = (['guardian', 'worker', 'helper'] as const).map(name => numberOf(balloon.line, name));
  let isStruck = false;
  const pressing = pressOn(pod, balloon, () => isStruck).catch(() => undefined);
  const delayMilliseconds = randomInt(LATEST_MILLISECONDS);
  await wait(delayMilliseconds);
  isStruck = true;
  for (const victim of victims)
    for (const pid of victim === 'worker' ? workersOf(pod) : [numberOf(balloon.line, victim)])
      strikeDown(pid);
  return {
    pod,
    target,
    limit,
    usage,
    balloon,
    everybody,
    pressing,
    when: `killed after ${delayMilliseconds} ms`,
  };
};

type Scene = Awaited<ReturnType<typeof strike>>;

const soon = (scene: Scene, what: string, look: () => boolean) =>
  until(`${what}, ${scene.when}`, look, LETTING_GO_MILLISECONDS);

const isUnharmed = (t: ExecutionContext, {pod, target, limit, usage, when}: Scene): void => {
  t.is(limitOf(pod), limit, when);
  t.is(killsOf(pod), 0, when);
  t.false(isGone(target.pid), when);
  t.true(usageOf(pod) <= usage + 4 * MIB, `the balloon's memory is back, ${when}`);
};

for (const victims of [['guardian'], ['guardian', 'worker']] satisfies Victim[][])
  test.serial(
    `kill -9 of the ${victims.join(' and the ')}: the helper puts everything right by itself`,
    async t => {
      for (let death = 0; death < DEATHS; death += 1) {
        const scene = await strike(t, victims);
        await soon(scene, 'the limit', () => limitOf(scene.pod) === scene.limit);
        await soon(scene, 'the end of the cgroup', () => !hasBalloon(scene.pod));
        await soon(scene, 'the end of all processes', () => scene.everybody.every(isGone));
        // A killed worker's last pages may be counted for a moment longer than its cgroup is there.
        await soon(scene, 'the memory', () => usageOf(scene.pod) <= scene.usage + 4 * MIB);
        isUnharmed(t, scene);
      }
    },
  );

test.serial('kill -9 of the guardian while it winds up: the helper finishes its work', async t => {
  for (let death = 0; death < DEATHS; death += 1) {
    const pod = makePod(t);
    const limit = limitOf(pod);
    await startTarget(t, pod, [20, 10]);
    const balloon = await startBalloon(t, pod);
    await openSqueeze(pod, balloon);
    t.regex(await stepOnce(pod, balloon), /^inflated /);
    balloon.kill('SIGTERM');
    const worker = numberOf(balloon.line, 'worker');
    await until('the end of the worker', () => isGone(worker));
    balloon.kill();
    await balloon.exited;
    await until('the end of the cgroup', () => !hasBalloon(pod), LETTING_GO_MILLISECONDS);
    t.is(limitOf(pod), limit);
  }
});

test.serial(
  'kill -9 of the guardian and the helper: the worker restores and lets go, a repair removes the cgroup',
  async t => {
    for (let death = 0; death < DEATHS; death += 1) {
      const scene = await strike(t, ['guardian', 'helper']);
      await soon(scene, 'the limit', () => limitOf(scene.pod) === scene.limit);
      await soon(scene, 'the end of all processes', () => scene.everybody.every(isGone));
      t.is(repair(scene.pod).code, 0);
      t.false(hasBalloon(scene.pod));
      isUnharmed(t, scene);
    }
  },
);

test.serial('kill -9 of all: a repair puts everything right', async t => {
  for (let death = 0; death < DEATHS; death += 1) {
    // The guardian last: a helper that outlived it by a moment would leave nothing to repair.
    const scene = await strike(t, ['helper', 'worker', 'guardian']);
    const {code, stdout} = repair(scene.pod);
    t.is(code, 0, stdout);
    t.is(stdout, `repaired boundary=${scene.pod.pod} restored=${scene.limit}`);
    t.false(hasBalloon(scene.pod));
    await soon(scene, 'the end of all processes', () => scene.everybody.every(isGone));
    isUnharmed(t, scene);
  }
});

test.serial(
  'kill -9 of the worker: the guardian restores, says so, and squeezes again when told to',
  async t => {
    for (let death = 0; death < DEATHS; death += 1) {
      const pod = makePod(t);
      await startTarget(t, pod, [60, 20]);
      const limit = limitOf(pod);
      const balloon = await startBalloon(t, pod);
      await openSqueeze(pod, balloon);
      t.regex(await stepOnce(pod, balloon), /^inflated /);
      process.kill(numberOf(balloon.line, 'worker'), 'SIGKILL');
      t.is(await balloon.nextLine(), 'tripped guard=workerDied value=9');
      t.is(limitOf(pod), limit);
      t.is(await balloon.ask('inflate bytes=4096'), 'failed bytes=0 errno=ECANCELED');
      const again = await openSqueeze(pod, balloon);
      t.not(numberOf(again, 'worker'), numberOf(balloon.line, 'worker'));
      t.regex(await stepOnce(pod, balloon), /^inflated bytes=16777216 /);
      balloon.endInput();
      t.is(await balloon.exited, 0);
      t.false(hasBalloon(pod));
      t.is(limitOf(pod), limit);
    }
  },
);

test.serial('kill -9 of the worker at any moment leaves nothing but the guardian', async t => {
  for (let death = 0; death < DEATHS; death += 1) {
    const scene = await strike(t, ['worker']);
    // A worker that had just ended at the floor has a successor, which a squeeze that was already asked for may use.
    await scene.pressing;
    for (const pid of workersOf(scene.pod)) strikeDown(pid);
    await soon(scene, 'the limit', () => limitOf(scene.pod) === scene.limit);
    scene.balloon.endInput();
    t.is(await scene.balloon.exited, 0);
    t.false(hasBalloon(scene.pod));
    isUnharmed(t, scene);
  }
});

test.serial('kill -9 of the helper harms nothing', async t => {
  for (let death = 0; death < DEATHS; death += 1) {
    const scene = await strike(t, ['helper']);
    scene.balloon.endInput();
    t.is(await scene.balloon.exited, 0);
    t.false(hasBalloon(scene.pod));
    isUnharmed(t, scene);
  }
});

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
  test.serial(`${signal} restores, lets go and exits with 0`, async t => {
    const pod = makePod(t);
    await startTarget(t, pod, [60, 20]);
    const limit = limitOf(pod);
    const balloon = await startBalloon(t, pod);
    await openSqueeze(pod, balloon);
    await stepOnce(pod, balloon);
    balloon.kill(signal);
    t.is(await balloon.exited, 0);
    t.is(limitOf(pod), limit);
    t.false(hasBalloon(pod));
  });

test.serial('a guardian that is stopped for good: the worker lets go on its own clock', async t => {
  const pod = makePod(t);
  await startTarget(t, pod, [60, 20]);
  const [limit, usage] = [limitOf(pod), usageOf(pod)];
  const balloon = await startBalloon(t, pod, {'deadline-ms': 1000});
  await openSqueeze(pod, balloon);
  t.regex(await stepOnce(pod, balloon), /^inflated /);
  balloon.kill('SIGSTOP');
  await until('the worker to let go', () => isGone(numberOf(balloon.line, 'worker')), 7000);
  t.is(limitOf(pod), limit);
  t.true(usageOf(pod) <= usage + 4 * MIB);
});
