import test from 'ava';
import {boundHugePageFill} from '../../src/domain/huge-page-fill.ts';
import {MIB} from '../../src/domain/units.ts';

const look = (collapsesBefore: number, collapsesAfter: number, roomMebibytes: number) => ({
  collapsesBefore,
  collapsesAfter,
  roomBytes: roomMebibytes * MIB,
});

test('no more than the largest room that a squeeze left may have been filled', t => {
  t.is(boundHugePageFill([look(0, 0, 8), look(40, 40, 12), look(80, 80, 99)], 2 * MIB), 12 * MIB);
});

test('nor more than the huge pages that were made could hold', t => {
  t.is(boundHugePageFill([look(5, 5, 800), look(8, 8, 800)], 2 * MIB), 6 * MIB);
  t.is(boundHugePageFill([look(5, 5, 800), look(5, 5, 800)], 2 * MIB), 0);
});

test('what was made during a squeeze may have taken of the room that its floor still had', t => {
  t.is(boundHugePageFill([look(0, 3, 1), look(50, 50, 0)], 2 * MIB), 7 * MIB);
});

test('one bound is enough, and without any there is none', t => {
  t.is(boundHugePageFill([{roomBytes: 8 * MIB}, {}], 2 * MIB), 8 * MIB);
  t.is(boundHugePageFill([{collapsesBefore: 1}, {collapsesAfter: 4}], 2 * MIB), 6 * MIB);
  t.is(boundHugePageFill([{}, {}], 2 * MIB), undefined);
  t.is(boundHugePageFill([look(0, 3, 1)], 2 * MIB), undefined);
  t.is(boundHugePageFill([], 2 * MIB), undefined);
});
