import test from 'ava';
import fc from 'fast-check';
import {backoffMs} from '../../src/lib/backoff.ts';

test('a pause is never above the cap, nor below half of what its failures ask for', t => {
  fc.assert(
    fc.property(
      fc.integer({min: 1, max: 1000}),
      fc.integer({min: 1000, max: 60_000}),
      fc.nat({max: 10_000}),
      fc.double({min: 0, max: 1, noNaN: true, maxExcluded: true}),
      (baseMs, capMs, failures, random) => {
        const pauseMs = backoffMs({baseMs, capMs}, failures, () => random);
        t.true(pauseMs <= capMs);
        t.true(pauseMs >= Math.min(capMs, baseMs * 2 ** Math.min(failures, 20)) / 2);
      },
    ),
  );
});
