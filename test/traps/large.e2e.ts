import test from 'ava';
import {buildTraps, isAbout, MIB, probe, startTrap} from './trap.ts';

// Natively only: a guest has neither the memory nor the speed.
test.before(buildTraps);

test.serial('of 4 GiB every lazily freed page is found', async t => {
  const target = await startTrap(t, ['free=3584Mi', 'hold=512Mi']);
  const {reason, evidence} = await probe(t, target);
  t.is(reason, 'ReclaimedUnderPressure');
  isAbout(t, evidence.baselineBytes, 4096 * MIB);
  isAbout(t, evidence.lazyFreedBytes, 3584 * MIB);
  isAbout(t, evidence.floorBytes, 512 * MIB);
});
