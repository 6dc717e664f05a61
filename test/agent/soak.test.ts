import {randomInt} from 'node:crypto';
import test from 'ava';
import {buildPrograms} from './cgroups.ts';
import {soak} from './soak/soak.ts';

test.before(buildPrograms);

/** `make soak` has more of them. */
const PROBES = 12;

test('probes of which agent, balloon or both are killed at random moments leave nothing changed', async t => {
  const seed = randomInt(2 ** 31);
  t.log(`seed ${seed}`);
  const {probes, late, found} = await soak({runs: PROBES, seed, width: 3, onProbe: line => t.log(line)});
  t.is(probes, PROBES);
  t.true(late < PROBES / 2, 'most were struck before they had ended');
  t.deepEqual(found, []);
});
