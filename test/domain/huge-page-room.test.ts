import test from 'ava';
import {parseHugePageRoom} from '../../src/domain/huge-page-room.ts';
import {KIB, MIB} from '../../src/domain/units.ts';
import {kernelText} from './kernel-text.ts';

const hugePages = {bytes: 2 * MIB, pageSizeBytes: 4 * KIB, maxPtesNone: 511};

/** A mapping from `start` on (hex), in MiB. */
const mapping = (
  start: string,
  size: number,
  {rss, huge = 0, eligible = 1}: {rss: number; huge?: number; eligible?: number | undefined},
): string =>
  [
    `${start}-${(Number.parseInt(start, 16) + size * MIB).toString(16)} rw-p 00000000 00:00 0 `,
    `Rss:  ${rss * KIB} kB`,
    `AnonHugePages:  ${huge * KIB} kB`,
    ...(eligible === undefined ? [] : [`THPeligible:           ${eligible}`]),
    '',
  ].join('\n');
const room = (text: string, change: Partial<typeof hugePages> = {}) =>
  parseHugePageRoom(text, {...hugePages, ...change})?.hugePageRoomBytes;

test('halves of huge pages that were given back are room', t => {
  t.is(room(mapping('7f0000000000', 80, {rss: 40})), 40 * MIB);
});

test('what is full has no room, huge or not', t => {
  t.is(room(mapping('7f0000000000', 80, {rss: 80, huge: 80})), 0);
  t.is(room(mapping('7f0000000000', 80, {rss: 80})), 0);
});

test('a place without a single page stays empty', t => {
  t.is(room(mapping('7f0000000000', 80, {rss: 40, huge: 40})), 0);
  t.is(room(mapping('7f0000000000', 80, {rss: 4 / KIB})), 2 * MIB - 4 * KIB);
});

test('where few pages may be missing a place needs many', t => {
  const half = mapping('7f0000000000', 80, {rss: 40});
  t.is(room(half, {maxPtesNone: 0}), 0);
  t.is(room(half, {maxPtesNone: 256}), 40 * MIB);
  t.true((room(half, {maxPtesNone: 64}) ?? Number.NaN) < 6 * MIB);
});

test('only whole places count, at their own addresses', t => {
  t.is(room(mapping('7f0000100000', 3, {rss: 1})), 2 * MIB);
  t.is(room(mapping('7f0000100000', 2, {rss: 1})), 0);
});

test('a mapping that may have no huge pages has no room; an older kernel does not say', t => {
  t.is(room(mapping('7f0000000000', 80, {rss: 40, eligible: 0})), 0);
  t.is(room(mapping('7f0000000000', 80, {rss: 40, eligible: undefined})), 40 * MIB);
});

test('a real smaps is read; an empty one says nothing', t => {
  t.is(room(kernelText('v1-6.18/smaps')), 0);
  t.is(room(''), undefined);
});
