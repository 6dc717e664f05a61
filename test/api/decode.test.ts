import test from 'ava';
import fc from 'fast-check';
import {decodeSpec} from '../../src/api/decode.ts';
import {SpecError} from '../../src/api/fields.ts';

test('nothing but a target needs to be said', t => {
  const spec = decodeSpec({target: {podName: 'a'}});
  t.like(spec.pressure, {method: 'Balloon', stepSizeBytes: 64 * 1024 ** 2});
  t.deepEqual(spec.guards.minNodeAvailable, {percent: 10});
  t.is(spec.criteria.expectedBytes, undefined);
});

test('anything at all is either decoded or refused in one sentence', t => {
  fc.assert(
    fc.property(fc.anything({maxDepth: 3}), fc.anything({maxDepth: 2}), (target, other) => {
      for (const spec of [
        target,
        {target},
        {target: {podName: 'a'}, criteria: other, pressure: {stepSize: other}},
      ])
        try {
          decodeSpec(spec);
        } catch (thrown) {
          if (!(thrown instanceof SpecError)) throw thrown;
        }
    }),
  );
  t.pass();
});
