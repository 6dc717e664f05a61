import test from 'ava';
import {createServerClock} from '../../src/kube/server-clock.ts';
import {systemClock} from '../../src/lib/clock.ts';

const T0 = Date.parse('2026-11-24T18:00:00Z');
const at = (nowMs: number) => createServerClock({...systemClock, now: () => nowMs});

test('a clock that is minutes off is put right', t => {
  for (const offMs of [-300_000, 300_000]) {
    const {clock, note} = at(T0 + offMs);
    note('Tue, 24 Nov 2026 18:00:00 GMT');
    t.true(Math.abs(clock.now() - T0) <= 1000);
  }
});

test('whole seconds do not make a good clock jitter', t => {
  const {clock, note} = at(T0 + 1400);
  note('Tue, 24 Nov 2026 18:00:00 GMT');
  t.is(clock.now(), T0 + 1400);
});

test('an answer without a date changes nothing', t => {
  const {clock, note} = at(T0);
  note('undefined');
  t.is(clock.now(), T0);
});
