import test from 'ava';
import {parseSmaps, parseSmapsRollup} from '../../src/domain/smaps.ts';
import {KIB, MIB} from '../../src/domain/units.ts';
import {kernelText} from './kernel-text.ts';

test('lazily freed memory is read from a real rollup, exact to the page', t => {
  t.is(parseSmapsRollup(kernelText('v1-6.18/smaps_rollup'))?.lazyFreeBytes, 64 * MIB);
  t.is(parseSmapsRollup(kernelText('v2-7.2/smaps_rollup-lazily-freed'))?.lazyFreeBytes, 64 * MIB);
});

test('of a real smaps only the anonymous mappings are summed', t => {
  const anonymous = parseSmaps(kernelText('v1-6.18/smaps'));
  const all = parseSmapsRollup(kernelText('v1-6.18/smaps_rollup'));
  t.is(anonymous?.lazyFreeBytes, 64 * MIB);
  t.true((anonymous?.rssBytes ?? 0) >= 96 * MIB);
  t.true((anonymous?.rssBytes ?? 0) < (all?.rssBytes ?? 0), 'the program and its libraries are files');
});

test('heap, stacks and named anonymous mappings count; files, memfds and the vdso do not', t => {
  const mapping = (tail: string, kilobytes: number) =>
    `7f1c5c000000-7f1c5c021000 rw-p 00000000 ${tail}\nRss:  ${kilobytes} kB\nReferenced:  ${kilobytes} kB\n`;
  const text = [
    mapping('00:00 0 ', 1),
    mapping('00:00 0                          [heap]', 2),
    mapping('00:00 0                          [stack]', 4),
    mapping('00:00 0                          [anon:dalvik]', 8),
    mapping('00:00 0                          [vdso]', 16),
    mapping('fe:00 247026                     /usr/bin/cat', 32),
    mapping('00:01 2048                       /memfd:zgc (deleted)', 64),
  ].join('');
  t.deepEqual(parseSmaps(text), {rssBytes: 15 * KIB, referencedBytes: 15 * KIB});
});

test('a field that the kernel does not print is absent, and an empty file says nothing', t => {
  t.false('lazyFreeBytes' in (parseSmapsRollup('Rss:  4 kB\n') ?? {}));
  t.is(parseSmapsRollup(''), undefined);
  t.is(parseSmaps(''), undefined);
});
