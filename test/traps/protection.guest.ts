import {writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {buildTraps, isAbout, MIB, probe, setSwitch, startTrap} from './trap.ts';

// What only cgroup v2 has, or only a kernel of one's own allows.
test.before(buildTraps);

const protect = (container: string, file: string): void =>
  writeFileSync(path.join(container, file), String(100 * MIB));

test.serial('a target under memory.min is not judged: it was never asked for anything', async t => {
  const target = await startTrap(t, ['free=40Mi', 'hold=40Mi']);
  protect(target.container, 'memory.min');
  const {reason, evidence} = await probe(t, target);
  t.is(reason, 'Protected');
  t.true((evidence.protectedBytes ?? 0) >= 80 * MIB);
  isAbout(t, evidence.lazyFreeBytes?.min, 40 * MIB);
  t.true((evidence.lazyFreedBytes ?? Number.NaN) <= MIB);
});

test.serial(
  'memory.low is a wish: what the kernel takes all the same is proof, and less than that is none',
  async t => {
    const target = await startTrap(t, ['free=40Mi', 'hold=40Mi']);
    protect(target.container, 'memory.low');
    const {reason, evidence} = await probe(t, target);
    t.true((evidence.protectedBytes ?? 0) >= 80 * MIB);
    const share = (evidence.lazyFreedBytes ?? Number.NaN) / (40 * MIB);
    t.is(reason, share >= 0.8 ? 'ReclaimedUnderPressure' : 'Protected');
  },
);

test.serial('generations that have to age first do not hide what is lazily freed', async t => {
  setSwitch(t, '/sys/kernel/mm/lru_gen/enabled', 'y');
  const target = await startTrap(t, ['free=60Mi', 'hold=40Mi']);
  const {reason, evidence} = await probe(t, target);
  t.is(reason, 'ReclaimedUnderPressure');
  isAbout(t, evidence.lazyFreedBytes, 60 * MIB);
  isAbout(t, evidence.floorBytes, 40 * MIB);
});
