import {execFileSync, spawn} from 'node:child_process';
import {existsSync, readFileSync} from 'node:fs';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {type Balloon, type BalloonOptions, startBalloon} from '../../src/agent/balloon.ts';
import {AgentFailure} from '../../src/agent/failure.ts';
import {repair} from '../../src/agent/restoration.ts';
import {
  BALLOON,
  buildPrograms,
  hasBalloonCgroup,
  readKills,
  readLimits,
  readUsage,
  startTarget,
  type TestTarget,
  waitUntil,
} from './cgroups.ts';

const MIB = 1024 * 1024;

test.before(buildPrograms);

const optionsFor = ({version, root, pod, container}: TestTarget): BalloonOptions => ({
  binary: BALLOON,
  method: 'balloon',
  root,
  boundary: pod,
  target: container,
  version,
  capBytes: 128 * MIB,
  node: false,
  deadlineMilliseconds: 20_000,
  maxPressurePercent: 100,
  minNodeAvailableBytes: 128 * MIB,
  stepPatienceMilliseconds: 500,
  cpuPercent: 0,
});

const listPids = ({pod}: TestTarget): number[] =>
  readFileSync(path.join(pod, 'memoryprobe', 'cgroup.procs'), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map(Number);

const guardianOf = (worker: number): number =>
  Number(/^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${worker}/status`, 'utf8'))?.[1]);

/** Inflates to 64 MiB with the boundary drawn tight where the version has a lasting one. */
const inflate = async (balloon: Balloon, target: TestTarget): Promise<void> => {
  const high = target.version === 2 ? readUsage(target) + 96 * MIB : undefined;
  await balloon.squeeze(high);
  const inflation = await balloon.inflate(64 * MIB);
  if (inflation.outcome !== 'inflated') throw new Error(JSON.stringify(inflation));
};

test('inflates, restores, releases and leaves nothing behind', async t => {
  const target = await startTarget(t, ['held-idle', '--held=8Mi']);
  const [limits, before] = [readLimits(target), readUsage(target)];
  const balloon = await startBalloon(optionsFor(target));
  t.true(hasBalloonCgroup(target));
  await inflate(balloon, target);
  t.true(readUsage(target) >= before + 64 * MIB);
  await balloon.restore();
  t.deepEqual(readLimits(target), limits);
  t.true(readUsage(target) >= before + 64 * MIB);
  await balloon.release();
  t.true(readUsage(target) < before + 8 * MIB);
  t.true(await balloon.dispose());
  t.false(hasBalloonCgroup(target));
  t.is(readKills(target), 0);
});

test('a second balloon in the same boundary is refused as Busy and disturbs nothing', async t => {
  const target = await startTarget(t, ['held-idle', '--held=8Mi']);
  const balloon = await startBalloon(optionsFor(target));
  await inflate(balloon, target);
  const error = await t.throwsAsync(startBalloon(optionsFor(target)), {instanceOf: AgentFailure});
  t.is(error.reason, 'Busy');
  t.is((await balloon.inflate(70 * MIB)).outcome, 'inflated');
  t.true(await balloon.dispose());
});

test('a binary that is not there fails with a sentence', async t => {
  const target = await startTarget(t, ['held-idle', '--held=8Mi']);
  const error = await t.throwsAsync(startBalloon({...optionsFor(target), binary: '/nowhere/balloon'}), {
    instanceOf: AgentFailure,
  });
  t.is(error.reason, 'BalloonFailed');
  t.regex(error.message, /could not be started: .*ENOENT/);
});

const putsRightAfterDeathOf = async (
  t: ExecutionContext,
  choose: (worker: number) => number,
): Promise<Balloon> => {
  const target = await startTarget(t, ['held-idle', '--held=8Mi']);
  const [limits, before] = [readLimits(target), readUsage(target)];
  const balloon = await startBalloon(optionsFor(target));
  await inflate(balloon, target);
  const worker = listPids(target)[0] ?? 0;
  process.kill(choose(worker), 'SIGKILL');
  const started = performance.now();
  await waitUntil('the memory to be back', () => readUsage(target) < before + 8 * MIB);
  await waitUntil('the limits to be back', () => readLimits(target).join() === limits.join());
  t.true(performance.now() - started < 1000);
  await t.throwsAsync(balloon.inflate(65 * MIB).then(failUnlessInflated), {
    message: /guardian|ECANCELED|EPIPE/,
  });
  t.true(await balloon.dispose());
  t.false(hasBalloonCgroup(target));
  return balloon;
};

const failUnlessInflated = ({outcome, detail}: {outcome: string; detail?: string}): void => {
  if (outcome !== 'inflated') throw new Error(detail);
};

test('a guardian that is killed is put right from here within a second', async t => {
  await putsRightAfterDeathOf(t, guardianOf);
});

test('a worker that is killed is told as a trip, and nothing is left', async t => {
  const balloon = await putsRightAfterDeathOf(t, worker => worker);
  t.is(balloon.trip()?.guard, 'workerDied');
});

/** The worker, and the helper, which is outside of the balloon's cgroup. */
const listChildren = (pid: number): number[] =>
  execFileSync('pgrep', ['-P', String(pid)], {encoding: 'utf8'})
    .split('\n')
    .filter(Boolean)
    .map(Number);

/** A zombie that nobody reaps is dead too. */
const isAlive = (pid: number): boolean =>
  existsSync(`/proc/${pid}/stat`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));

test('repair of a whole tree finds what a balloon left when all died', async t => {
  const target = await startTarget(t, ['held-idle', '--held=8Mi']);
  const limits = readLimits(target);
  const script = `
    import {startBalloon} from '${path.resolve('src/agent/balloon.ts')}';
    const balloon = await startBalloon(${JSON.stringify(optionsFor(target))});
    await balloon.squeeze(${target.version === 2 ? readUsage(target) + 96 * MIB : undefined});
    await balloon.inflate(${64 * MIB});
    process.stdout.write('inflated');
    setTimeout(() => {}, 60_000);`;
  const agent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise(resolve => agent.stdout.once('data', resolve));
  const worker = listPids(target)[0] ?? 0;
  const guardian = guardianOf(worker);
  const pids = [agent.pid ?? 0, guardian, ...listChildren(guardian)];
  // Stopped first: whoever is killed last must not put right what the others left.
  for (const signal of ['SIGSTOP', 'SIGKILL'] as const) for (const pid of pids) process.kill(pid, signal);
  await waitUntil('all to be dead', () => !pids.some(isAlive));
  t.true(hasBalloonCgroup(target));
  await repair(BALLOON, ['--all', `--root=${target.pod}`, `--version=${target.version}`]);
  await waitUntil('the cgroup to go', () => !hasBalloonCgroup(target));
  t.deepEqual(readLimits(target), limits);
});
