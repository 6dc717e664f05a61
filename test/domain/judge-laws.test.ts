import test from 'ava';
import fc from 'fast-check';
import type {Evidence} from '../../src/domain/evidence.ts';
import {judge} from '../../src/domain/judge.ts';
import {RULES} from '../../src/domain/rules.ts';
import {KIB, MIB} from '../../src/domain/units.ts';
import type {Case, ConditionStatus} from '../../src/domain/verdict.ts';
import {heldEvidence, makeCase, makeRounds, makeSeries, without} from './cases.ts';
import {anyReport} from './reports.ts';

const size = fc.integer({min: 0, max: 1000}).map(mebibytes => mebibytes * MIB);
const anyCriteria = fc.record(
  {expectedBytes: size, minReclaimedPercent: fc.nat(100), idleSeconds: fc.nat(60)},
  {requiredKeys: []},
);
const anyRounds = fc.integer({min: 1, max: 32});

/** Cases of any report: fields missing at will, numbers that need not fit together. */
const wildCase: fc.Arbitrary<Case> = fc
  .tuple(
    anyReport,
    anyCriteria,
    anyRounds,
    fc.constantFrom('Balloon' as const, 'Observe' as const),
    fc.boolean(),
  )
  .map(([{evidence, failure}, criteria, count, method, stopEarly]) =>
    makeCase(evidence, {
      criteria,
      method,
      rounds: {count, intervalSeconds: 15, stopEarly},
      ...(failure && {failure}),
    }),
  );

/** Cases whose numbers are those of a real squeeze, each end and each rule within reach. */
const plausibleCase: fc.Arbitrary<Case> = fc
  .record({
    evidence: fc.record({
      baselineBytes: size,
      floorBytes: size,
      lazyFreedBytes: size,
      takeableBytes: size,
      fileReclaimedBytes: size,
      unexplainedBytes: fc.constantFrom(0, 0, 0, 100 * KIB, 20 * MIB),
      boundaryEvents: fc.constantFrom(0, 5),
      idleBytes: size,
      returnedBytes: fc.constantFrom(0, 200 * MIB),
      protectedBytes: fc.constantFrom(0, 512 * MIB),
      cgroupVersion: fc.constantFrom(1 as const, 2 as const),
      stopCause: fc.constantFrom(
        'Exhausted' as const,
        'Exhausted' as const,
        'Cap' as const,
        'Guard' as const,
        'Swap' as const,
      ),
    }),
    criteria: anyCriteria,
    floors: fc.option(fc.array(fc.integer({min: 0, max: 1000}), {minLength: 2, maxLength: 16}), {
      nil: undefined,
    }),
    step: fc.integer({min: 0, max: 10}),
  })
  .map(({evidence, criteria, floors, step}) => {
    const rounds = floors && makeRounds(floors.map((floor, index) => floor / 20 + index * step));
    return makeCase(heldEvidence({...evidence, ...(rounds && {rounds})}), {
      criteria,
      rounds: {count: rounds?.length ?? 1, intervalSeconds: 15, stopEarly: false},
    });
  });
const anyCase = fc.oneof(wildCase, plausibleCase);

test('every case has exactly one verdict, and the same one each time', t => {
  fc.assert(
    fc.property(anyCase, facts => {
      const verdict = judge(facts);
      t.deepEqual(judge(structuredClone(facts)), verdict);
      t.regex(verdict.reason, /^[A-Z][A-Za-z]*$/);
      t.true(verdict.message.length > 0 && verdict.message.length <= 2048);
      t.notRegex(verdict.message, /NaN|undefined|Infinity/);
    }),
  );
});

test('the first rule that fires wins', t => {
  fc.assert(
    fc.property(anyCase, facts => {
      const first = RULES.map(rule => rule(facts)).find(verdict => verdict !== undefined);
      t.deepEqual(judge(facts), first);
    }),
  );
});

test('Passed goes with the outcome', t => {
  const allowed: Record<string, ConditionStatus[]> = {
    Reclaimable: ['True'],
    Leak: ['False'],
    Held: ['True', 'Unknown'],
    Inconclusive: ['Unknown'],
  };
  fc.assert(
    fc.property(anyCase, facts => void t.true(allowed[judge(facts).outcome]?.includes(judge(facts).passed))),
  );
});

/** True is better than Unknown, Unknown than False. */
const rank = (facts: Case): number => ['False', 'Unknown', 'True'].indexOf(judge(facts).passed);

test('a number taken out of the evidence never makes a leak and never makes a pass', t => {
  const optional = fc.constantFrom<keyof Evidence>(
    'baselineBytes',
    'floorBytes',
    'lazyFreedBytes',
    'takeableBytes',
    'fileReclaimedBytes',
    'unexplainedBytes',
    'boundaryEvents',
    'idleBytes',
    'returnedBytes',
    'cgroupVersion',
    'stopCause',
    'epsilonBytes',
    'lazyFreeBytes',
  );
  fc.assert(
    fc.property(plausibleCase, fc.uniqueArray(optional, {minLength: 1, maxLength: 4}), (facts, names) => {
      const less = {...facts, evidence: without(facts.evidence, ...names) as Evidence};
      const [before, after] = [judge(facts), judge(less)];
      return after.passed === 'Unknown' || after.passed === before.passed;
    }),
    {numRuns: 2000},
  );
  t.pass();
});

test('with nothing but one number there is never a leak, and a pass only for a baseline within what was expected', t => {
  fc.assert(
    fc.property(
      plausibleCase,
      fc.constantFrom(...(Object.keys(heldEvidence()) as (keyof Evidence)[])),
      (facts, name) => {
        const {outcome, reason} = judge({...facts, evidence: {[name]: facts.evidence[name]}});
        return outcome === 'Inconclusive' || reason === 'AsExpected';
      },
    ),
  );
  t.pass();
});

test('a higher floor never betters the verdict', t => {
  fc.assert(
    fc.property(plausibleCase, size, (facts, more) => {
      const {rounds: _, ...single} = facts.evidence;
      const one = {...facts, rounds: {...facts.rounds, count: 1}, evidence: single};
      const higher = {...one, evidence: {...single, floorBytes: (single.floorBytes ?? 0) + more}};
      return rank(higher) <= rank(one);
    }),
    {numRuns: 2000},
  );
  t.pass();
});

test('more unexplained, or less taken back, never betters the verdict of one squeeze', t => {
  fc.assert(
    fc.property(
      plausibleCase,
      fc.constantFrom('unexplainedBytes' as const, 'lazyFreedBytes' as const),
      size,
      (facts, name, by) => {
        const {rounds: _, ...single} = facts.evidence;
        const one = {...facts, rounds: {...facts.rounds, count: 1}, evidence: single};
        const value = single[name] ?? 0;
        const worse = name === 'unexplainedBytes' ? value + by : Math.max(0, value - by);
        const after = judge({...one, evidence: {...single, [name]: worse}});
        return after.passed !== 'True' || judge(one).passed === 'True';
      },
    ),
    {numRuns: 2000},
  );
  t.pass();
});

test('one more round whose floor cannot be used never betters the verdict', t => {
  const series = fc
    .array(fc.integer({min: 0, max: 40}), {minLength: 1, maxLength: 20})
    .map(floors => makeSeries(floors.map(floor => 300 + floor)));
  fc.assert(
    fc.property(series, fc.boolean(), (facts, isUnexplained) => {
      const [extra] = makeRounds([0], isUnexplained ? {unexplainedBytes: 50 * MIB} : {stopCause: 'Guard'});
      const rounds = [...(facts.evidence.rounds ?? []), ...(extra ? [extra] : [])];
      const more = {
        ...facts,
        rounds: {...facts.rounds, count: rounds.length},
        evidence: {...facts.evidence, rounds},
      };
      return rank(more) <= rank(facts);
    }),
  );
  t.pass();
});

test('swap alone is never reclaimable, and a fall without lazily freed pages never passes as reclaimed', t => {
  fc.assert(
    fc.property(plausibleCase, size, (facts, swappedBytes) => {
      const evidence = {...facts.evidence, swappedBytes, lazyFreedBytes: 0, returnedBytes: 0};
      const {reason} = judge({
        ...facts,
        evidence,
        criteria: {...without(facts.criteria, 'expectedBytes'), minReclaimedPercent: 0},
      });
      return reason !== 'ReclaimedUnderPressure' && reason !== 'ReturnedByTarget';
    }),
  );
  t.pass();
});
