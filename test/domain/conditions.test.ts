import test from 'ava';
import fc from 'fast-check';
import type {Condition} from '../../src/domain/condition.ts';
import {computeConditions, setCondition} from '../../src/domain/conditions.ts';
import {derivePhase, type Lifecycle, PHASE_OF_STAGE, type Stage} from '../../src/domain/lifecycle.ts';
import type {ConditionStatus, Outcome, Verdict} from '../../src/domain/verdict.ts';
import {checkKstatus} from '../helpers/kstatus.ts';

const EARLY = '2026-01-02T03:04:05Z';
const LATE = '2026-01-02T03:09:05Z';
const STAGES = Object.keys(PHASE_OF_STAGE) as Stage[];

const lifecycle = (stage: Stage = 'Squeezing'): Lifecycle => ({stage, message: 'under way'});
const verdict = (outcome: Outcome, passed: ConditionStatus = 'Unknown'): Verdict => ({
  outcome,
  reason: 'SomeReason',
  message: '300 MiB of it.',
  passed,
});
const compute = (facts: {lifecycle?: Lifecycle; verdict?: Verdict; previous?: Condition[]; now?: string}) =>
  computeConditions({previous: [], now: EARLY, generation: 1, ...facts});
const statuses = (conditions: readonly Condition[]) =>
  Object.fromEntries(conditions.map(({type, status}) => [type, status]));

test('from the first touch a probe is reconciling: without conditions kstatus would call it finished', t => {
  const conditions = compute({});
  t.deepEqual(statuses(conditions), {
    Reconciling: 'True',
    Ready: 'False',
    Complete: 'False',
    Passed: 'Unknown',
  });
  t.deepEqual(checkKstatus(conditions, 1, 1), []);
});

const ends = test.macro({
  exec: (t, outcome: Outcome, passed: ConditionStatus, expected: Record<string, string>) => {
    const conditions = compute({
      verdict: verdict(outcome, passed),
      previous: compute({lifecycle: lifecycle()}),
    });
    t.deepEqual(statuses(conditions), expected);
    t.deepEqual(checkKstatus(conditions, 1, 1), []);
    t.true(conditions.every(({reason}) => reason === 'SomeReason'));
  },
  title: (_, outcome, passed) =>
    `${outcome} with Passed=${passed} is complete and ${outcome === 'Reclaimable' || outcome === 'Held' ? 'ready' : 'stalled'}`,
});
test(ends, 'Reclaimable', 'True', {Ready: 'True', Complete: 'True', Passed: 'True'});
test(ends, 'Held', 'True', {Ready: 'True', Complete: 'True', Passed: 'True'});
test(ends, 'Held', 'Unknown', {Ready: 'True', Complete: 'True', Passed: 'Unknown'});
test(ends, 'Leak', 'False', {Stalled: 'True', Ready: 'False', Complete: 'True', Passed: 'False'});
test(ends, 'Inconclusive', 'Unknown', {Stalled: 'True', Ready: 'False', Complete: 'True', Passed: 'Unknown'});

test('a complete probe never changes again', t => {
  const done = compute({verdict: verdict('Leak', 'False')});
  for (const facts of [{lifecycle: lifecycle()}, {verdict: verdict('Reclaimable', 'True')}, {}])
    t.deepEqual(compute({...facts, previous: done, now: LATE}), done);
});

test('a time moves only with its status, not with reason or message', t => {
  const before = compute({lifecycle: lifecycle('NodeBusy')});
  const after = compute({lifecycle: {stage: 'Squeezing', message: 'other'}, previous: before, now: LATE});
  t.true(after.every(({lastTransitionTime}) => lastTransitionTime === EARLY));
  t.true(after.every(({reason}) => reason === 'Squeezing' || reason === 'NodeBusy'));
  const done = compute({verdict: verdict('Held'), previous: after, now: LATE});
  const times = Object.fromEntries(done.map(({type, lastTransitionTime}) => [type, lastTransitionTime]));
  t.deepEqual(times, {Ready: LATE, Complete: LATE, Passed: EARLY});
});

const anyStatus = fc.constantFrom<ConditionStatus>('True', 'False', 'Unknown');
test('setCondition keeps the time while the status is the same, and the list sorted and without doubles', t => {
  const types = ['Stalled', 'Reconciling', 'Ready', 'Complete', 'Passed'] as const;
  const step = fc.record({
    type: fc.constantFrom(...types),
    status: anyStatus,
    reason: fc.constantFrom('A', 'B'),
    message: fc.string(),
  });
  fc.assert(
    fc.property(fc.array(step, {maxLength: 20}), steps => {
      let list: Condition[] = [];
      return steps.every((condition, index) => {
        const now = `2026-01-02T03:04:${String(index).padStart(2, '0')}Z`;
        const previous = list.find(({type}) => type === condition.type);
        list = setCondition(list, condition, now);
        const expected = previous?.status === condition.status ? previous.lastTransitionTime : now;
        const order = list.map(({type}) => types.indexOf(type));
        return (
          list.find(({type}) => type === condition.type)?.lastTransitionTime === expected &&
          order.every((place, at) => at === 0 || place > (order[at - 1] ?? place))
        );
      });
    }),
  );
  t.pass();
});

test('whatever happens to a probe, its conditions keep the rules of kstatus, and computing again changes nothing', t => {
  const event = fc.oneof(
    fc.constantFrom(...STAGES).map(stage => ({lifecycle: lifecycle(stage)})),
    fc
      .constantFrom<Outcome>('Reclaimable', 'Leak', 'Held', 'Inconclusive')
      .map(outcome => ({verdict: verdict(outcome)})),
  );
  fc.assert(
    fc.property(fc.array(event, {maxLength: 10}), events => {
      let previous: Condition[] = [];
      return events.every(facts => {
        const wasComplete = derivePhase(previous) === 'Complete';
        previous = compute({...facts, previous});
        const again = compute({...facts, previous, now: LATE});
        return (
          checkKstatus(previous, 1, 1).length === 0 &&
          JSON.stringify(again) === JSON.stringify(previous) &&
          (!wasComplete || derivePhase(previous) === 'Complete')
        );
      });
    }),
  );
  t.pass();
});

test('a message that the API server would refuse is cut', t => {
  const [condition] = compute({lifecycle: {stage: 'Squeezing', message: 'x'.repeat(5000)}});
  t.is(condition?.message.length, 2048);
  t.true(condition?.message.endsWith('…'));
});

test('the phase that people see follows from the conditions', t => {
  t.is(derivePhase([]), 'Pending');
  t.is(derivePhase(compute({})), 'Pending');
  for (const stage of STAGES)
    t.is(derivePhase(compute({lifecycle: lifecycle(stage)})), PHASE_OF_STAGE[stage]);
  t.is(derivePhase(compute({verdict: verdict('Leak')})), 'Complete');
});

test('the checker finds what is wrong', t => {
  const [good] = [compute({lifecycle: lifecycle()})];
  const stalled = {...good[0], type: 'Stalled', status: 'True'} as Condition;
  t.true(checkKstatus([...good, stalled]).includes('Reconciling and Stalled are both True'));
  t.true(checkKstatus([]).includes('Ready is absent'));
  t.is(checkKstatus(good, 3, 2).filter(text => text.startsWith('observedGeneration')).length, 1);
  t.true(checkKstatus(good.map(condition => ({...condition, reason: 'not camel'}))).length > 0);
  t.true(checkKstatus([...good, ...good]).length > 0);
});
