import test from 'ava';
import {parseMemoryLimit} from '../../src/domain/memory-limit.ts';
import {parseMemoryStat} from '../../src/domain/memory-stat.ts';
import {kernelText} from './kernel-text.ts';

test('keys of a real memory.stat are found by name', t => {
  const v2 = parseMemoryStat(kernelText('v2-7.2/memory.stat-lazily-freed'));
  t.is(v2.get('anon'), 100757504);
  t.is(v2.get('pglazyfreed'), 0);
  t.is(v2.get('pgscan'), 0);
  const v1 = parseMemoryStat(kernelText('v1-6.18/memory.stat-lazily-freed'));
  t.is(v1.get('total_rss'), 100765696);
  t.is(v1.get('total_inactive_file'), 67112960);
});

test('an absent key is absent, not zero', t => {
  const v1 = parseMemoryStat(kernelText('v1-6.18/memory.stat-lazily-freed'));
  t.is(v1.get('pglazyfreed'), undefined);
  t.false(v1.has('anon'));
});

test('a value that is no number is left out, and the lines around it are not', t => {
  t.deepEqual(
    [...parseMemoryStat('a 1\nb x\nc -3\nd 1.5\n\ne 12 13\nf 2')],
    [
      ['a', 1],
      ['f', 2],
    ],
  );
});

test('both versions say "no limit" in their own way', t => {
  t.is(parseMemoryLimit('max\n'), Number.POSITIVE_INFINITY);
  t.is(parseMemoryLimit('9223372036854771712\n'), Number.POSITIVE_INFINITY);
  t.is(parseMemoryLimit('104857600\n'), 104857600);
  t.is(parseMemoryLimit('0\n'), 0);
  for (const text of ['', 'maximum', '-1', '1e3', '5Mi']) t.is(parseMemoryLimit(text), undefined, text);
});
