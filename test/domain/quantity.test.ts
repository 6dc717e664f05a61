import test from 'ava';
import fc from 'fast-check';
import {formatMebibytes, formatQuantity, parseQuantity, parseThreshold} from '../../src/domain/quantity.ts';
import {GIB, KIB, MIB} from '../../src/domain/units.ts';

const TIB = 1024 * GIB;

const reads = test.macro({
  exec: (t, text: string | number, bytes: number | undefined) => t.is(parseQuantity(text), bytes),
  title: (_, text, bytes) => {
    const shown = typeof text === 'number' ? `the number ${text}` : JSON.stringify(text);
    return bytes === undefined ? `${shown} is no size` : `${shown} is ${bytes} bytes`;
  },
});

for (const [text, bytes] of [
  ['1.5Gi', 1.5 * GIB],
  ['64Mi', 64 * MIB],
  ['16Ti', 16 * TIB],
  ['1e9', 1e9],
  ['1E3', 1000],
  ['1e-3', 1],
  ['500M', 500e6],
  ['2k', 2000],
  ['1.1k', 1100],
  ['0.1Gi', Math.ceil(0.1 * GIB)],
  ['.5', 1],
  ['5.', 5],
  ['+7Ki', 7 * KIB],
  ['0', 0],
  ['0e99', 0],
  ['007', 7],
  [1024, 1024],
  [0.5, 1],
  ['-1', undefined],
  [-1, undefined],
  ['100m', undefined],
  ['5u', undefined],
  ['5n', undefined],
  ['10Ei', undefined],
  ['1e99', undefined],
  ['abc', undefined],
  ['', undefined],
  ['.', undefined],
  ['+', undefined],
  ['Mi', undefined],
  ['1K', undefined],
  ['1 Mi', undefined],
  ['1Mi ', undefined],
  ['1,5Gi', undefined],
  ['0x10', undefined],
  ['1MiB', undefined],
  ['9'.repeat(33), undefined],
  [Number.NaN, undefined],
  [Number.POSITIVE_INFINITY, undefined],
] as const)
  test(reads, text, bytes);

test('any text is read or refused, never thrown at', t => {
  fc.assert(fc.property(fc.string({maxLength: 40}), text => parseQuantity(text) !== null));
  t.pass();
});

test('whole numbers of every unit are read exactly', t => {
  fc.assert(
    fc.property(fc.integer({min: 0, max: 8000}), fc.constantFrom(0, 1, 2, 3, 4), (count, power) => {
      const suffix = ['', 'Ki', 'Mi', 'Gi', 'Ti'][power];
      return parseQuantity(`${count}${suffix}`) === count * 1024 ** power;
    }),
  );
  t.pass();
});

test('what is printed is read back within half a percent, and is short', t => {
  fc.assert(
    fc.property(fc.integer({min: 0, max: 16 * TIB}), bytes => {
      const text = formatQuantity(bytes);
      const back = parseQuantity(text) ?? Number.NaN;
      return text.length <= 16 && Math.abs(back - bytes) <= bytes * 0.0051;
    }),
    {numRuns: 2000},
  );
  t.pass();
});

test('people see three digits and the unit that fits', t => {
  t.is(formatQuantity(346 * MIB), '346Mi');
  t.is(formatQuantity(1.5 * GIB), '1.5Gi');
  t.is(formatQuantity(1024 * MIB - 1), '1Gi');
  t.is(formatQuantity(1000 * MIB), '1000Mi');
  t.is(formatQuantity(0), '0');
  t.is(formatQuantity(1023), '1023');
  t.is(formatQuantity(16 * TIB), '16Ti');
});

test('sentences count in MiB', t => {
  t.is(formatMebibytes(346 * MIB), '346 MiB');
  t.is(formatMebibytes(0.5 * MIB), '0.5 MiB');
  t.is(formatMebibytes(2 * GIB), '2048 MiB');
  t.is(formatMebibytes(-3 * MIB), '-3 MiB');
});

test('a threshold is a share or an amount', t => {
  t.deepEqual(parseThreshold('10%'), {percent: 10});
  t.deepEqual(parseThreshold('0%'), {percent: 0});
  t.deepEqual(parseThreshold('2Gi'), {bytes: 2 * GIB});
  t.deepEqual(parseThreshold(4096), {bytes: 4096});
  for (const text of ['101%', '%', '-1%', '1.5%', 'ten%', '-1', 'x'])
    t.is(parseThreshold(text), undefined, text);
});
