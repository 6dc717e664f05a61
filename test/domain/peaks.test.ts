import test from 'ava';
import fc from 'fast-check';
import {withoutPeaks} from '../../src/domain/peaks.ts';
import {senSlope} from '../../src/domain/sen-slope.ts';
import {KIB, MIB} from '../../src/domain/units.ts';

const drop = (mebibytes: readonly number[]): number[] => {
  const series = mebibytes.map((value, index) => ({timeSeconds: 15 * index, bytes: value * MIB}));
  return withoutPeaks(series, {slope: senSlope(series), epsilonBytes: 512 * KIB}).map(
    ({bytes}) => bytes / MIB,
  );
};

const RISING = [40, 41.1, 42, 43.1, 44, 45.2, 46, 47, 48.1, 49, 50, 51.1];

test('a floor far above its neighbours is left out, wherever it stands alone', t => {
  for (let at = 1; at < RISING.length; at++)
    t.deepEqual(drop(RISING.with(at, 80)), RISING.toSpliced(at, 1), `${at}`);
});

test('the first floor stays, and so does a fall at the end', t => {
  t.deepEqual(drop(RISING.with(0, 80)), RISING.with(0, 80));
  t.deepEqual(drop(RISING.with(-1, 10)), RISING.with(-1, 10));
});

test('where a quarter stands out, nothing does', t => {
  const high = RISING.map((value, index) => (index % 3 === 1 ? value + 20 : value));
  t.deepEqual(drop(high), high);
});

test('whatever only rises stays as it is but for a leap at its end: a warm-up, a step, a cache that becomes full', t => {
  fc.assert(
    fc.property(fc.array(fc.integer({min: 0, max: 100}), {minLength: 8, maxLength: 32}), steps => {
      let value = 40;
      const rising = steps.map(step => {
        value += step;
        return value;
      });
      t.deepEqual(drop(rising).slice(0, rising.length - 1), rising.slice(0, -1));
    }),
  );
});

test('what is as large as the scatter of the others stays', t => {
  const scattered = [40, 52, 43, 55, 41, 50, 47, 58, 44, 53, 49, 56];
  t.deepEqual(drop(scattered), scattered);
});

test('a fall at the beginning stays: the end of a period is no peak before growth', t => {
  const series = [150, 170, 190, 0, 20, 40, 60, 80, 100, 120, 140, 160];
  t.is(drop(series)[0], 150);
});
