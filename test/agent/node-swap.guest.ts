import {execFileSync} from 'node:child_process';
import {writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {buildPrograms, makePod, startTarget, startWorkload} from './cgroups.ts';
import {MIB, probeNode, readCounter, readNumber, startNodeAgent, wish} from './node.ts';

const STEP_BYTES = 32 * MIB;
const PAGE_BYTES = 4096;

test.before(() => {
  buildPrograms();
  writeFileSync('/sys/block/zram0/disksize', '256M');
  execFileSync('mkswap', ['/dev/zram0'], {stdio: 'ignore'});
  execFileSync('swapon', ['/dev/zram0']);
});

// The tests beside these have the disk to themselves.
test.after.always(() => {
  execFileSync('swapoff', ['/dev/zram0']);
  writeFileSync('/sys/block/zram0/reset', '1');
});

/** What the whole machine has swapped out. */
const readSwappedOut = (): number =>
  ['pswpout', 'zswpout', 'swpout_zero'].reduce(
    (sum, counter) => sum + (readNumber('/proc/vmstat', counter) || 0) * PAGE_BYTES,
    0,
  );

const FREED = ['lazily-freed', '--freed=200Mi', '--held=30Mi'];

test('with swap what was freed lazily is found as without, and of all the node at most one step is swapped out', async t => {
  const neighbour = makePod(t).container;
  await startWorkload(neighbour, ['held-idle', '--held=150Mi']);
  const before = readSwappedOut();
  const wishes = wish({pressure: {stepSizeBytes: STEP_BYTES}});
  const {outcome, evidence, target} = await probeNode(t, FREED, {wishes});
  const swapped = readSwappedOut() - before;
  t.log(`${swapped / MIB} MiB swapped out by the node`);
  t.true(swapped <= STEP_BYTES, `${swapped / MIB} MiB`);
  for (const cgroup of [neighbour, target.container])
    t.true(readCounter(cgroup, 'memory.swap.current') <= STEP_BYTES, cgroup);
  // A machine that holds up a step ends it early: then it is proven only where enough was taken before.
  const {lazyFreedBytes = Number.NaN, baselineBytes = Number.NaN} = evidence;
  t.is(outcome, lazyFreedBytes >= baselineBytes / 10 ? 'Reclaimable' : 'Inconclusive');
});

test("somebody's first page in swap ends the squeeze of a node", async t => {
  const neighbour = makePod(t).container;
  await startWorkload(neighbour, ['held-idle', '--held=60Mi']);
  const target = await startTarget(t, FREED);
  const before = readSwappedOut();
  const slow = wish({pressure: {stepIntervalMilliseconds: 500}});
  const {agent} = startNodeAgent(t, target, slow);
  await agent.nextLine(line => line.type === 'step' && line.inflatedBytes >= 64 * MIB);
  // As the kernel would where nothing else is left.
  writeFileSync(path.join(neighbour, 'memory.reclaim'), String(8 * MIB));
  const {report} = await agent.end();
  t.log(JSON.stringify(report?.failure ?? {...report?.evidence, curve: undefined}));
  t.true(readSwappedOut() - before >= 4 * MIB);
  t.is(report?.evidence.stopCause, 'Swap');
  t.true(report?.restored);
});

test('with swap held memory is found to be held as without: nobody is pressed, and nothing is swapped', async t => {
  const before = readSwappedOut();
  const {reason, evidence} = await probeNode(t, ['held-idle', '--held=100Mi']);
  t.is(reason, 'NotExamined');
  t.is(evidence.steps, 0);
  t.is(readSwappedOut(), before);
});
