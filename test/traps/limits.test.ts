import {writeFileSync} from 'node:fs';
import test from 'ava';
import {readUsage} from '../agent/cgroups.ts';
import {buildTraps, isAbout, MIB, probe, startTrap} from './trap.ts';

// Who would die where memory is short? Nobody may: `probe` checks that the target lives and that the kernel killed nobody.
test.before(buildTraps);

/** As the kubelet sets oom_score_adj; a lower one than one's own takes a privilege. */
const MOST_KILLABLE = '1000';

for (const [size, free, hold, maxMebibytes] of [
  ['smaller than the balloon', 24, 8, 200],
  ['larger than the balloon', 60, 90, 20],
] as const) {
  const words = [`free=${free}Mi`, `hold=${hold}Mi`];
  const wishes = {pressure: {maxSizeBytes: maxMebibytes * MIB, stepSizeBytes: 8 * MIB}};

  test.serial(`a BestEffort target ${size} lives, although it would be the first to be killed`, async t => {
    const target = await startTrap(t, words);
    writeFileSync(`/proc/${target.pid}/oom_score_adj`, MOST_KILLABLE);
    const {evidence} = await probe(t, target, {wishes});
    t.true((evidence.lazyFreedBytes ?? Number.NaN) > 8 * MIB);
  });

  test.serial(`a Burstable target ${size} lives in a pod whose limit is near`, async t => {
    const target = await startTrap(t, words, (free + hold + 24) * MIB);
    writeFileSync(`/proc/${target.pid}/oom_score_adj`, MOST_KILLABLE);
    const {outcome} = await probe(t, target, {wishes});
    t.not(outcome, 'Leak');
  });

  test.serial(`a Guaranteed target ${size} lives in a pod that is full to its limit`, async t => {
    const target = await startTrap(t, words);
    const limit = target.version === 2 ? 'memory.max' : 'memory.limit_in_bytes';
    for (const directory of [target.pod, target.container])
      writeFileSync(`${directory}/${limit}`, String(readUsage(target) + 2 * MIB));
    writeFileSync(`/proc/${target.pid}/oom_score_adj`, MOST_KILLABLE);
    const {outcome, reason} = await probe(t, target, {wishes});
    const honest = ['ReclaimedUnderPressure', 'GuardTripped', 'NoPressure', 'CapReached'];
    t.true(honest.includes(reason), `${outcome} ${reason}`);
  });
}

test.serial('a balloon that finds no room at all says so, and takes nothing', async t => {
  const target = await startTrap(t, ['free=12Mi', 'hold=40Mi']);
  const limit = target.version === 2 ? 'memory.max' : 'memory.limit_in_bytes';
  writeFileSync(`${target.pod}/${limit}`, String(readUsage(target) + MIB));
  const {reason, message, evidence} = await probe(t, target);
  if (target.version === 2) {
    t.is(reason, 'NoPressure');
    t.regex(message, /headroom/);
    t.is(evidence.stopGuard, 'headroom');
    t.is(evidence.inflatedBytes, 0);
  } else {
    // v1 shrinks the limit and lets the balloon be small.
    t.is(reason, 'ReclaimedUnderPressure');
    isAbout(t, evidence.lazyFreedBytes, 12 * MIB);
    t.is(evidence.inflatedBytes, 0);
  }
});
