import test from 'ava';
import {KIB, MIB} from '../../src/domain/units.ts';
import {addLook, hiddenBytes, NO_VALLEYS, type ValleyLook} from '../../src/domain/valley.ts';

const EPSILON = 512 * KIB;
const LOOK_MILLISECONDS = 10;

/** A heap of 40 MiB that rises by 100 MiB a second, and is given back each second. */
const heapAt = (milliseconds: number): number => (40 + 0.1 * (milliseconds % 1000)) * MIB;
const lookAt = (...times: number[]): ValleyLook[] =>
  times.map(timeMilliseconds => ({timeMilliseconds, bytes: heapAt(timeMilliseconds)}));
const every = (step: number, from: number, to: number): number[] =>
  Array.from({length: Math.floor((to - from) / step) + 1}, (_, index) => from + index * step);
const hidden = (looks: ValleyLook[]): number =>
  hiddenBytes(
    looks.reduce((valleys, look) => addLook(valleys, look, EPSILON), NO_VALLEYS),
    LOOK_MILLISECONDS,
  );

test('nothing is hidden where every look came in time', t => {
  t.true(hidden(lookAt(...every(10, 305, 2305))) < 0.2 * MIB);
});

test('a valley that passed between two late looks may have been lower by what it rose meanwhile', t => {
  const looks = lookAt(...every(10, 305, 985), ...every(10, 1185, 1805));
  const found = hidden(looks) / MIB;
  t.true(found > 18 && found < 20, `${found}`);
});

test('another valley that was seen in time settles it', t => {
  t.true(hidden(lookAt(...every(10, 305, 985), ...every(10, 1185, 2305))) < EPSILON);
});

test('a late look at what only rises, or stands still, hides nothing', t => {
  t.is(hidden(lookAt(100, 110, 120, 420, 430)), 0);
  const still = [0, 10, 900, 910].map(timeMilliseconds => ({timeMilliseconds, bytes: 40 * MIB}));
  t.is(hidden(still), 0);
});

test('a look without a count is in time for the next one', t => {
  const looks = lookAt(...every(10, 305, 1305));
  const rarely = looks.map((look, index) =>
    index % 3 === 0 ? look : {timeMilliseconds: look.timeMilliseconds},
  );
  t.true(hidden(rarely) < EPSILON);
});
