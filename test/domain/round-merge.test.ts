import test from 'ava';
import {judge} from '../../src/domain/judge.ts';
import {mergeRounds, needsRepeat} from '../../src/domain/round-merge.ts';
import type {SqueezeResult} from '../../src/domain/squeeze-result.ts';
import {MIB} from '../../src/domain/units.ts';
import {heldEvidence, makeCase, makeRounds, reclaimedEvidence, without} from './cases.ts';
import {DEFAULT_CRITERIA} from './settings.ts';

const settings = (count: number) => ({
  criteria: DEFAULT_CRITERIA,
  rounds: {count, intervalSeconds: 15, stopEarly: false},
});
const resultsOf = (floors: readonly number[]): SqueezeResult[] =>
  makeRounds(floors).map((round, index) => ({
    evidence: heldEvidence({floorBytes: round.floorBytes, steps: index}),
    round,
  }));

test('rounds are listed in order, and a squeeze without a floor is no round', t => {
  const merged = mergeRounds([...resultsOf([300, 303]), {evidence: {stopCause: 'Stalled'}}], settings(3));
  t.deepEqual(
    merged.rounds?.map(({floorBytes}) => floorBytes / MIB),
    [300, 303],
  );
});

test('the single numbers are those of one squeeze: the exhausted one that took most', t => {
  const [first, second, third] = resultsOf([300, 300, 300]);
  const best = {...second, evidence: reclaimedEvidence(200)};
  const stopped = {...third, evidence: reclaimedEvidence(250, {stopCause: 'Guard' as const})};
  t.like(
    mergeRounds([first, best, stopped] as SqueezeResult[], settings(3)),
    without(best.evidence, 'rounds', 'curve', 'lazyFreeBytes'),
  );
});

test('of squeezes that took the same the explained is chosen, then the earlier', t => {
  const [first, second, third] = resultsOf([300, 300, 300]);
  const gap = {...first, evidence: heldEvidence({unexplainedBytes: 90 * MIB, steps: 0})};
  t.is(mergeRounds([gap, second, third] as SqueezeResult[], settings(3)).steps, 1);
});

test('where none was exhausted the last one is shown', t => {
  const results = resultsOf([300, 300]).map(result => ({
    evidence: {...result.evidence, stopCause: 'Cap' as const},
  }));
  t.is(mergeRounds(results, settings(2)).steps, 1);
  t.deepEqual(mergeRounds([], settings(1)), {});
});

test('growth is said from eight floors on', t => {
  const floors = Array.from({length: 8}, (_, index) => 300 + index * 3);
  t.false('growthBytesPerHour' in mergeRounds(resultsOf(floors.slice(1)), settings(8)));
  const merged = mergeRounds(resultsOf(floors), settings(8));
  t.is(merged.growthBytesPerHour, 720 * MIB);
  t.true((merged.detectableBytesPerHour ?? 0) > 0);
});

test('a gap in the balance is worth a second look, unless what was lazily freed decides already', t => {
  const gap = {unexplainedBytes: 100 * MIB};
  t.true(needsRepeat(heldEvidence(gap), DEFAULT_CRITERIA));
  t.false(needsRepeat(heldEvidence(), DEFAULT_CRITERIA));
  t.false(needsRepeat(reclaimedEvidence(300, gap), DEFAULT_CRITERIA));
  t.true(needsRepeat(reclaimedEvidence(5, gap), DEFAULT_CRITERIA));
  t.false(needsRepeat(heldEvidence({...gap, stopCause: 'Cap'}), DEFAULT_CRITERIA));
  t.false(needsRepeat(without(heldEvidence(gap), 'epsilonBytes'), DEFAULT_CRITERIA));
});

test('the repeat of a single squeeze settles its verdict', t => {
  const [first, second] = resultsOf([300, 300]);
  const gap = {
    evidence: heldEvidence({unexplainedBytes: 100 * MIB, baselineBytes: 400 * MIB}),
    round: {...first?.round, unexplainedBytes: 100 * MIB},
  };
  const verdictOf = (results: unknown[]) =>
    judge(makeCase(mergeRounds(results as SqueezeResult[], settings(1)))).reason;
  t.is(verdictOf([gap]), 'Unexplained');
  t.is(verdictOf([gap, second]), 'HeldInUse');
  t.is(verdictOf([gap, gap]), 'Unexplained');
});
