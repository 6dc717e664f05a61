import test from 'ava';
import {parseDuration} from '../../src/cli/duration.ts';

test('durations are read as kubectl writes them', t => {
  t.is(parseDuration('--timeout', '90s'), 90_000);
  t.is(parseDuration('--timeout', '10m'), 600_000);
  t.is(parseDuration('--timeout', '1h30m'), 5_400_000);
  t.is(parseDuration('--timeout', '0s'), 0);
});

for (const text of ['', '10', 's', '-5s', '1.5h', '5 m', '10ms', 'soon'])
  test(`"${text}" is refused with what to give instead`, t => {
    t.throws(() => parseDuration('--timeout', text), {message: /--timeout is ".*": give a duration such as/});
  });
