import {readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {readKills, waitUntil} from '../agent/cgroups.ts';
import {buildTraps, isAbout, letGoOn, MIB, makeBelow, probe, startInto, startTrap} from './trap.ts';

// What a target, or somebody beside it, does while it is squeezed.
test.before(buildTraps);

test.serial('a target that allocates while it is squeezed is not harmed, and not called a leak', async t => {
  const target = await startTrap(t, ['free=40Mi', 'hold=12Mi', 'wait', 'hold=40Mi', 'say=done']);
  const {outcome, evidence} = await probe(t, target, {
    during: () => letGoOn(target),
  });
  t.not(outcome, 'Leak');
  isAbout(t, evidence.floorBytes, 52 * MIB);
  isAbout(t, evidence.reclaimedBytes, 0);
  if (target.version === 2) isAbout(t, evidence.allocatedBytes, 40 * MIB);
});

test.serial('memory that is used again while it is squeezed comes back, and is held', async t => {
  const target = await startTrap(t, ['hold=4Mi', 'free=60Mi', 'wait', 'rewrite-last=60Mi', 'say=done']);
  const {outcome, evidence} = await probe(t, target, {
    during: () => letGoOn(target),
  });
  t.not(outcome, 'Leak');
  isAbout(t, evidence.floorBytes, 64 * MIB);
  t.true((evidence.lazyFreedBytes ?? Number.NaN) < 60 * MIB);
});

test.serial(
  'a leak whose program uses and frees the same 10 MiB all the time is not reclaimable',
  async t => {
    const target = await startTrap(t, ['hold=140Mi', 'churn=10Mi']);
    const {outcome, evidence} = await probe(t, target);
    t.true(['Held', 'Inconclusive'].includes(outcome), outcome);
    t.true((evidence.lazyFreedBytes ?? Number.NaN) <= 11 * MIB);
    t.true((evidence.floorBytes ?? Number.NaN) >= 139 * MIB);
  },
);

test.serial('memory that the program gives back itself is not what the kernel took', async t => {
  const target = await startTrap(t, ['free=40Mi', 'hold=80Mi', 'wait', 'drop-last', 'say=done']);
  const {outcome, reason, evidence} = await probe(t, target, {
    wishes: {criteria: {minReclaimedPercent: 50}},
    during: () => letGoOn(target),
  });
  if (target.version === 2) {
    // The balloon may reach its cap in the room that was made, before it presses.
    t.true(['ReturnedByTarget', 'NoPressure', 'CapReached'].includes(reason), reason);
    isAbout(t, evidence.returnedBytes, 80 * MIB);
  } else {
    // The repeat finds what is left.
    t.is(outcome, 'Held');
  }
  t.true((evidence.lazyFreedBytes ?? Number.NaN) <= 41 * MIB);
});

test.serial('memory that is in use again hides nothing of what the program gives back', async t => {
  const words = ['free=24Mi', 'free=60Mi', 'rewrite-last=60Mi', 'hold=60Mi', 'wait', 'drop-last', 'say=done'];
  const target = await startTrap(t, words);
  const {reason, evidence} = await probe(t, target, {
    wishes: {criteria: {minReclaimedPercent: 25}},
    during: () => letGoOn(target),
  });
  t.not(reason, 'ReclaimedUnderPressure');
  t.true((evidence.lazyFreedBytes ?? Number.NaN) <= 25 * MIB);
});

test.serial('locked memory that is given back was never lazily freed', async t => {
  const words = ['free=24Mi', 'hold=12Mi', 'lock=60Mi', 'wait', 'drop-last', 'say=done'];
  const target = await startTrap(t, words);
  const {reason, evidence} = await probe(t, target, {
    wishes: {criteria: {minReclaimedPercent: 40}},
    during: () => letGoOn(target),
  });
  t.not(reason, 'ReclaimedUnderPressure');
  t.true((evidence.lazyFreedBytes ?? Number.NaN) <= 25 * MIB);
});

test.serial('a process that ends in the middle gives nothing back to pressure', async t => {
  const target = await startTrap(t, ['free=40Mi', 'fork=80Mi', 'wait', 'end-child', 'say=done']);
  const {outcome, reason, evidence} = await probe(t, target, {
    wishes: {criteria: {minReclaimedPercent: 50}},
    during: () => letGoOn(target),
  });
  t.true(outcome === 'Held' || outcome === 'Inconclusive', reason);
  t.is(evidence.returnedBytes ?? 0, 0);
});

test.serial(
  'a program that takes the place of another in the same process gives nothing back to pressure',
  async t => {
    const target = await startTrap(t, ['free=40Mi', 'hold=80Mi', 'wait', `exec=${12 * MIB}`]);
    const {outcome, reason, evidence} = await probe(t, target, {
      wishes: {criteria: {minReclaimedPercent: 50}},
      during: () => letGoOn(target, 'executed'),
    });
    t.true(outcome === 'Held' || outcome === 'Inconclusive', reason);
    t.is(evidence.returnedBytes ?? 0, 0);
  },
);

test.serial('a target that forks in the middle is squeezed as before', async t => {
  const target = await startTrap(t, ['hold=12Mi', 'free=40Mi', 'wait', 'fork', 'fork', 'say=done']);
  const {reason, evidence} = await probe(t, target, {
    during: () => letGoOn(target),
  });
  t.is(reason, 'ReclaimedUnderPressure');
  isAbout(t, evidence.lazyFreedBytes, 40 * MIB);
  isAbout(t, evidence.floorBytes, 12 * MIB);
});

test.serial('a process that the container’s own limit kills is no reclaim', async t => {
  const target = await startTrap(t, ['free=40Mi', 'hold=12Mi']);
  const limit = target.version === 2 ? 'memory.max' : 'memory.limit_in_bytes';
  writeFileSync(path.join(target.container, limit), String(100 * MIB));
  const victim = await startInto(t, target.container, ['hold=20Mi', 'wait', 'hold=120Mi']);
  writeFileSync(`/proc/${victim.pid}/oom_score_adj`, '1000');
  const {outcome, evidence} = await probe(t, target, {
    ownDoing: {kills: 1},
    during: async () => {
      process.kill(victim.pid, 'SIGUSR2');
      await waitUntil('the kill', () => readKills(target, 'container') > 0);
    },
  });
  t.not(outcome, 'Leak');
  t.true((evidence.floorBytes ?? Number.NaN) <= 13 * MIB);
});

test.serial('a sidecar that grows is not the target', async t => {
  const target = await startTrap(t, ['free=40Mi', 'hold=12Mi']);
  const words = ['hold=8Mi', 'wait', 'hold=40Mi', 'say=done'];
  const sidecar = await startInto(t, makeBelow(target.pod, 'sidecar'), words);
  const {reason, evidence} = await probe(t, target, {
    during: () => letGoOn(sidecar),
  });
  t.is(reason, 'ReclaimedUnderPressure');
  isAbout(t, evidence.floorBytes, 12 * MIB);
  isAbout(t, evidence.lazyFreedBytes, 40 * MIB);
});

test.serial('a container’s own limit may be changed meanwhile, and stays as it was set', async t => {
  const target = await startTrap(t, ['free=40Mi', 'hold=12Mi']);
  const limit = path.join(target.container, target.version === 2 ? 'memory.max' : 'memory.limit_in_bytes');
  const set = String(512 * MIB);
  const {reason} = await probe(t, target, {
    during: () => writeFileSync(limit, set),
    ownDoing: {changeLimits: limits => limits.with(-1, set)},
  });
  t.is(reason, 'ReclaimedUnderPressure');
  t.is(readFileSync(limit, 'utf8').trim(), set);
});
