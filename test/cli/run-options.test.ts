import test from 'ava';
import {decodeSpec} from '../../src/api/decode.ts';
import {DEFAULTS} from '../../src/api/defaults.ts';
import {ADVISED_REASONS, adviseLocally} from '../../src/cli/advice.ts';
import {decodeRunFlags, RUN_OPTIONS} from '../../src/cli/run-options.ts';

test('no options are the defaults of a MemoryProbe', t => {
  t.like(decodeSpec({target: {podName: 'any'}}), decodeRunFlags({}));
});

test('there is an option for every field of the spec that has a meaning here', t => {
  const fields = Object.entries(DEFAULTS).flatMap(([section, values]) =>
    Object.keys(values).map(name => `${section}.${name}`),
  );
  const missing = fields.filter(field => !RUN_OPTIONS.some(option => option.field === field));
  t.deepEqual(missing, ['pressure.scope']);
});

test('options become numbers', t => {
  const {criteria, rounds, guards} = decodeRunFlags({
    expectedSize: '1Gi',
    rounds: '8',
    stopEarly: true,
    minNodeAvailable: '5%',
  });
  t.is(criteria.expectedBytes, 1024 ** 3);
  t.like(rounds, {count: 8, stopEarly: true});
  t.deepEqual(guards.minNodeAvailable, {percent: 5});
});

test('a wrong value is told in the words of the option', t => {
  t.throws(() => decodeRunFlags({holdSeconds: 'long'}), {
    name: 'UsageError',
    message: '--hold-seconds must be a whole number from 1 to 3600, not "long"',
  });
});

test('what to do next speaks neither of a spec nor of Kubernetes where a run has neither', t => {
  for (const reason of ADVISED_REASONS.filter(
    known => !/^(Spec|Target|Container|NoPod|Balloon[UI])/.test(known),
  ))
    t.notRegex(adviseLocally(reason).join(' '), /spec\.[a-z]+\.|kubectl/, reason);
});
