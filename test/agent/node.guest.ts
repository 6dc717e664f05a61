import {closeSync, openSync, readFileSync, readSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {buildPrograms, hasBalloonCgroup, makePod, startTarget, startWorkload, waitUntil} from './cgroups.ts';
import {MIB, probeNode, readAvailable, readKills, readNumber, startNodeAgent, wish} from './node.ts';

test.before(buildPrograms);

const DISK = '/dev/zram0';
const DISK_MIB = 256;

test.before(() => writeFileSync('/sys/block/zram0/disksize', `${DISK_MIB}M`));

/**
 * Page cache that is in use: with it the node keeps something above its floor. Of a disk without a page of its own, which
 * stays open, since the last close drops its cache.
 */
const warmCache = (t: ExecutionContext): void => {
  const disk = openSync(DISK, 'r');
  t.teardown(() => closeSync(disk));
  const buffer = Buffer.alloc(MIB);
  for (let pass = 0; pass < 2; pass += 1)
    for (let at = 0; at < DISK_MIB; at += 1) readSync(disk, buffer, 0, MIB, at * MIB);
};

const probe = (t: ExecutionContext, workload: string[], wishes = wish()) =>
  probeNode(t, workload, {wishes, prepare: () => warmCache(t)});

test('memory freed lazily is taken back by a balloon in another pod, and counted as the kernel counts it', async t => {
  const {evidence, reason} = await probe(t, ['lazily-freed', '--freed=200Mi', '--held=30Mi']);
  t.is(reason, 'ReclaimedUnderPressure');
  // The last few MiB of a cgroup are hardly scanned while others have more: the node's floor may come before.
  const {lazyFreedBytes = Number.NaN} = evidence;
  t.true(lazyFreedBytes >= 100 * MIB && lazyFreedBytes <= 201 * MIB, `${lazyFreedBytes}`);
  t.true((evidence.inflatedBytes ?? 0) > 200 * MIB);
});

test('held memory needs no squeeze: nothing of it is lazily freed, and nobody is pressed', async t => {
  const {evidence, reason} = await probe(t, ['held-idle', '--held=100Mi']);
  t.is(reason, 'NotExamined');
  t.is(evidence.steps, 0);
  t.true(Math.abs((evidence.floorBytes ?? Number.NaN) - 100 * MIB) <= MIB);
});

test("the node's floor ends the squeeze before anything is taken, and the verdict names that guard", async t => {
  const floor = wish({guards: {minNodeAvailable: {percent: 50}}});
  const {outcome, evidence, message} = await probe(
    t,
    ['lazily-freed', '--freed=150Mi', '--held=30Mi'],
    floor,
  );
  t.is(outcome, 'Inconclusive');
  t.is(evidence.stopGuard, 'minNodeAvailable');
  t.true((evidence.steps ?? 0) > 0);
  t.true((evidence.lazyFreedBytes ?? Number.NaN) <= MIB);
  t.regex(message, /minNodeAvailable/);
});

/** A squeeze in its middle: the balloon holds something, and what it is about is still there. */
const startMiddle = async (t: ExecutionContext) => {
  const target = await startTarget(t, ['lazily-freed', '--freed=200Mi', '--held=30Mi']);
  const slow = wish({pressure: {stepSizeBytes: 32 * MIB, stepIntervalMilliseconds: 300}});
  const available = readAvailable();
  const {pod, agent} = startNodeAgent(t, target, slow);
  await agent.nextLine(line => line.type === 'step' && line.inflatedBytes >= 128 * MIB);
  return {target, pod, agent, available};
};

const membersOf = (pod: string): {pid: number; parent: number}[] =>
  ['agent', 'memoryprobe'].flatMap(name =>
    readFileSync(path.join(pod, name, 'cgroup.procs'), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map(pid => ({pid: Number(pid), parent: readNumber(`/proc/${pid}/status`, 'PPid')})),
  );

for (const who of ['agent', 'guardian', 'worker'] as const) {
  test(`whoever dies, the balloon's memory comes back at once and nothing is left: the ${who}`, async t => {
    const kills = readKills();
    const {pod, agent, available} = await startMiddle(t);
    const agentPid = agent.child.pid ?? 0;
    const members = membersOf(pod);
    const guardian = members.find(({parent}) => parent === agentPid)?.pid ?? 0;
    const worker = Number(readFileSync(path.join(pod, 'memoryprobe', 'cgroup.procs'), 'utf8').trim());
    t.true(guardian > 0 && worker > 0);
    process.kill({agent: agentPid, guardian, worker}[who], 'SIGKILL');
    await waitUntil('the memory to be back', () => readAvailable() > available - 40 * MIB, 10_000);
    const {report} = await agent.end();
    await waitUntil("the balloon's cgroup to go", () => !hasBalloonCgroup({pod}), 10_000);
    if (who !== 'agent') t.is(report?.failure?.reason, 'BalloonFailed');
    await waitUntil(
      'the pod to be empty',
      () => readFileSync(path.join(pod, 'agent/cgroup.procs'), 'utf8') === '',
    );
    t.is(readKills(), kills);
  });
}

/** Makes a pod whose container wants 300 MiB as soon as it is told to. */
const makeNeighbour = (
  t: ExecutionContext,
  limits: Record<string, string> = {},
): (() => Promise<unknown>) => {
  const {container} = makePod(t);
  for (const [file, value] of Object.entries(limits)) writeFileSync(path.join(container, file), value);
  return () => startWorkload(container, ['held-idle', '--held=300Mi']);
};

test('a neighbour that takes 300 MiB in the middle is served, and the balloon lets go first', async t => {
  const kills = readKills();
  const target = await startTarget(t, ['lazily-freed', '--freed=150Mi', '--held=30Mi']);
  const wantMemory = makeNeighbour(t);
  // A floor that is reached with nearly all the memory that is free: there the balloon waits for its hold to end.
  const near = wish({
    guards: {minNodeAvailable: {bytes: readAvailable() - 250 * MIB}},
    pressure: {stepIntervalMilliseconds: 500},
  });
  const {pod, agent} = startNodeAgent(t, target, near);
  await agent.nextLine(line => line.type === 'step' && line.inflatedBytes >= 96 * MIB);
  await wantMemory();
  const {report} = await agent.end();
  t.log(JSON.stringify(report?.failure ?? report?.evidence.stopGuard));
  t.is(report?.evidence.stopGuard, 'minNodeAvailable');
  t.true(
    (report?.evidence.inflatedBytes ?? Number.NaN) < 220 * MIB,
    'it let go before it came to the floor itself',
  );
  t.false(hasBalloonCgroup({pod}));
  t.is(readKills(), kills);
});

test('a neighbour that stalls in the middle is let off, wherever its stall comes from', async t => {
  // Held up by a limit of its own, which can be had on demand: whose doing a stall is nobody can tell.
  const stall = makeNeighbour(t, {'memory.high': String(16 * MIB)});
  const {pod, agent, available} = await startMiddle(t);
  const stalling = stall().catch(() => undefined);
  const {report} = await agent.end();
  t.log(JSON.stringify(report?.failure ?? {...report?.evidence, curve: undefined}));
  t.is(report?.evidence.stopGuard, 'neighbourPressure');
  t.true(report?.restored);
  t.false(hasBalloonCgroup({pod}));
  t.true(readAvailable() > available - 40 * MIB, 'the memory is back');
  t.true((report?.evidence.peakPressurePercent ?? Number.NaN) <= 40, 'not the target tripped');
  void stalling;
});
