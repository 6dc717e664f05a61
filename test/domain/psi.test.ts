import test from 'ava';
import {parsePressure} from '../../src/domain/psi.ts';
import {kernelText} from './kernel-text.ts';

test('the totals are read from a real file', t => {
  const text = kernelText('v2-7.2/memory.pressure');
  const total = Number(/^some .*total=(\d+)$/m.exec(text)?.[1]);
  t.is(parsePressure(text)?.someTotalMicroseconds, total);
});

test('lines are found by their name, not by their place', t => {
  const text =
    'full avg10=0.22 avg60=0.16 avg300=1.08 total=58464525\nsome avg10=0.22 avg60=0.17 avg300=1.11 total=58761459\n';
  t.deepEqual(parsePressure(text), {someTotalMicroseconds: 58761459, fullTotalMicroseconds: 58464525});
});

test('without a full line there is no full, and without a some line there is nothing', t => {
  t.deepEqual(parsePressure('some avg10=0.00 avg60=0.00 avg300=0.00 total=7\n'), {someTotalMicroseconds: 7});
  t.is(parsePressure('full avg10=0.00 avg60=0.00 avg300=0.00 total=7\n'), undefined);
  t.is(parsePressure('some avg10=0.00 avg60=0.00 avg300=0.00\n'), undefined);
  t.is(parsePressure(''), undefined);
});
