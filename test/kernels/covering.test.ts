import test from 'ava';
import {chooseCases, isPossible} from './cases.ts';
import {chooseCovering, pairsOf} from './covering.ts';

const AXES = {
  size: ['small', 'large'],
  colour: ['red', 'green', 'blue'],
  shape: ['round', 'square'],
} as const;
const isNotBlueSquare = ({colour, shape}: {colour: string; shape: string}): boolean =>
  !(colour === 'blue' && shape === 'square');

test('every pair that there can be occurs, in fewer choices than all', t => {
  const chosen = chooseCovering(AXES, isNotBlueSquare);
  const pairs = new Set(chosen.flatMap(pairsOf));
  t.is(pairs.size, 2 * 3 + 2 * 2 + (3 * 2 - 1));
  t.true(chosen.every(isNotBlueSquare));
  t.true(chosen.length < 2 * 3 * 2 - 2);
});

test('the same axes give the same choices', t => {
  t.deepEqual(chooseCovering(AXES, isNotBlueSquare), chooseCovering(AXES, isNotBlueSquare));
});

test('no case asks a machine for what it does not have', t => {
  t.deepEqual(
    chooseCases().filter(one => !isPossible(one)),
    [],
  );
});
