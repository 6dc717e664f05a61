import test from 'ava';
import {grade, hasAnswer, renderMatrix} from './matrix.ts';
import {makeResult} from './results.ts';

const RIGHT = makeResult('Reclaimable', 'ReclaimedUnderPressure');
const OPEN = makeResult('Inconclusive', 'Stalled');
const WRONG = makeResult('Leak', 'AboveExpected');

test('the answer is right, nothing claimed is open, another claim is wrong', t => {
  t.deepEqual([RIGHT, OPEN, WRONG].map(grade), ['right', 'open', 'wrong']);
});

test('where there is no answer, to claim nothing is right and to claim anything is wrong', t => {
  const isProtected = {workload: 'protected'} as const;
  t.false(hasAnswer(makeResult('Inconclusive', 'Protected', isProtected)));
  t.is(grade(makeResult('Inconclusive', 'Stalled', isProtected)), 'right');
  t.is(grade(makeResult('Held', 'NotExamined', isProtected)), 'wrong');
});

test('the matrix counts each machine by itself and names what was not right', t => {
  const text = renderMatrix([
    RIGHT,
    OPEN,
    makeResult('Reclaimable', 'ReclaimedUnderPressure', {machine: '6.12'}),
  ]);
  t.regex(text, /\| Balloon, lazily freed \| ReclaimedUnderPressure \| 1 \/ 1 \/ 0 \| 1 \/ 0 \/ 0 +\|/);
  t.regex(text, /3 cases: 2 right, 1 open, 0 wrong\./);
  t.regex(text, /- lazily freed, 6\.1, Balloon, .*: Inconclusive Stalled, not ReclaimedUnderPressure\./);
});
