import test from 'ava';
import type {Evidence} from '../../src/domain/evidence.ts';
import {buildCase, judge} from '../../src/domain/judge.ts';
import {MIB} from '../../src/domain/units.ts';
import {type Case, FAILURE_REASONS} from '../../src/domain/verdict.ts';
import {heldEvidence, makeCase, makeRounds, makeSeries, reclaimedEvidence, without} from './cases.ts';
import {makeSettings} from './settings.ts';

const ends = test.macro({
  exec: (t, facts: Case, expected: string, message?: RegExp) => {
    const {outcome, reason, passed, message: text} = judge(facts);
    t.is(`${outcome}/${reason} ${passed}`, expected);
    t.regex(text, message ?? /./);
    t.regex(text, /^[A-Z0-9].*\.$/, 'one whole sentence');
    t.notRegex(text, /NaN|undefined|Infinity|null/);
  },
  title: providedTitle => providedTitle ?? '',
});

const expected = (mebibytes: number) => ({criteria: {expectedBytes: mebibytes * MIB}});
const rising = (count: number, step: number, start = 300): number[] =>
  Array.from({length: count}, (_, index) => start + index * step);

for (const reason of FAILURE_REASONS)
  test(
    `rule 1: ${reason} ends as itself, whatever was measured`,
    ends,
    makeCase(reclaimedEvidence(300), {failure: {reason, message: 'It could not be.'}}),
    `Inconclusive/${reason} Unknown`,
    /^It could not be\.$/,
  );

test(
  'rule 2: without pressure there is a prediction and no verdict',
  ends,
  makeCase(heldEvidence({lazyFreeBytes: {min: 280 * MIB, max: 300 * MIB}}), {method: 'Observe'}),
  'Inconclusive/ObservedOnly Unknown',
  /280 MiB to 300 MiB/,
);
test(
  'rule 2: a prediction that could not be read says so',
  ends,
  makeCase({}, {method: 'Observe'}),
  'Inconclusive/ObservedOnly Unknown',
  /could not be read/,
);

test(
  'rule 3: a baseline within expectedSize needs no squeeze',
  ends,
  makeCase({baselineBytes: 90 * MIB}, expected(100)),
  'Held/AsExpected True',
  /90 MiB.*100 MiB/,
);
test(
  'rule 3 is for one round: more rounds ask for growth',
  ends,
  makeSeries(rising(8, 3, 60), expected(100)),
  'Leak/FloorGrows False',
);

test(
  'rule 4: something takeable that nothing took, with a boundary that never acted',
  ends,
  makeCase(heldEvidence({takeableBytes: 50 * MIB, fileReclaimedBytes: 0, boundaryEvents: 0})),
  'Inconclusive/NoPressure Unknown',
  /50 MiB/,
);
test(
  'rule 4: a boundary of which nothing is known is not taken for one that acted',
  ends,
  makeCase(without(heldEvidence({takeableBytes: 50 * MIB, fileReclaimedBytes: 0}), 'boundaryEvents')),
  'Inconclusive/NoPressure Unknown',
  /not known that the boundary acted/,
);
test(
  'rule 4: a boundary that acted did press, even if nothing fell',
  ends,
  makeCase(heldEvidence({takeableBytes: 50 * MIB, fileReclaimedBytes: 0, boundaryEvents: 3})),
  'Held/HeldInUse Unknown',
);
test(
  'rule 4: nothing takeable is no fault',
  ends,
  makeCase(heldEvidence({takeableBytes: 0, fileReclaimedBytes: 0, boundaryEvents: 0})),
  'Held/HeldInUse Unknown',
);

test(
  'rule 5: memory under memory.min was never asked for',
  ends,
  makeCase(reclaimedEvidence(200, {lazyFreedBytes: 40 * MIB, protectedBytes: 512 * MIB})),
  'Inconclusive/Protected Unknown',
  /40 MiB of 200 MiB.*512 MiB/,
);
test(
  'rule 5: a target whose lazily freed memory went all the same was not protected',
  ends,
  makeCase(reclaimedEvidence(200, {protectedBytes: 512 * MIB})),
  'Reclaimable/ReclaimedUnderPressure True',
);
test(
  'rule 5: its own protection spares no container that is itself asked',
  ends,
  makeCase(reclaimedEvidence(200, {lazyFreedBytes: 150 * MIB, protectedBytes: 512 * MIB}), {
    method: 'Reclaim',
  }),
  'Reclaimable/ReclaimedUnderPressure True',
);

test(
  'rule 6: eight floors that grow steadily are a leak',
  ends,
  makeSeries(rising(8, 3)),
  'Leak/FloorGrows False',
  /21 MiB over 8 squeezes, 720 MiB\/h/,
);
test(
  'rule 6: shared memory that grows is a leak of its own',
  ends,
  makeSeries(rising(8, 0), {
    rounds: makeRounds(rising(8, 0)).map((round, index) => ({...round, shmemBytes: index * 3 * MIB})),
  }),
  'Leak/SharedGrows False',
  /Shared memory/,
);
test(
  'rule 6: kernel memory that grows is a leak of its own',
  ends,
  makeSeries(rising(8, 0), {
    rounds: makeRounds(rising(8, 0)).map((round, index) => ({...round, kernelBytes: index * 3 * MIB})),
  }),
  'Leak/KernelGrows False',
  /kernel memory/,
);
test(
  'rule 6: shared memory that goes to swap makes no leak of the floor, where it is counted then',
  ends,
  makeSeries(rising(8, 3), {
    rounds: makeRounds(rising(8, 3)).map((round, index) => ({...round, shmemBytes: (90 - index * 3) * MIB})),
  }),
  'Inconclusive/TrendUnclear Unknown',
);
test(
  'rule 6: nor does shared memory grow that only comes back from swap',
  ends,
  makeSeries(rising(8, -3), {
    rounds: makeRounds(rising(8, -3)).map((round, index) => ({...round, shmemBytes: index * 3 * MIB})),
  }),
  'Inconclusive/TrendUnclear Unknown',
);
test(
  'rule 6: a floor that grows beside shared memory that stays is a leak',
  ends,
  makeSeries(rising(8, 3), {
    rounds: makeRounds(rising(8, 3)).map(round => ({...round, shmemBytes: 90 * MIB})),
  }),
  'Leak/FloorGrows False',
);
test(
  'rule 6: what khugepaged may have filled is no leak, and is named',
  ends,
  makeSeries(rising(8, 3), {evidence: {hugePageFillBytes: 11 * MIB}}),
  'Inconclusive/TrendUnclear Unknown',
  /khugepaged may have added 11 MiB/,
);
test(
  'rule 12: what khugepaged may have filled is named where the floor moves in jumps, too',
  ends,
  makeSeries([100, 100, 100, 100, 130, 130, 130, 130], {evidence: {hugePageFillBytes: 30 * MIB}}),
  'Inconclusive/TrendUnclear Unknown',
  /neither steady growth nor rest; khugepaged may have added 30 MiB/,
);
test(
  'rule 6: a floor that grows by more than twice of it is a leak',
  ends,
  makeSeries(rising(8, 3), {evidence: {hugePageFillBytes: 10 * MIB}}),
  'Leak/FloorGrows False',
);
test(
  'rule 6: growth is a leak although much was reclaimable',
  ends,
  makeSeries(rising(8, 3), {evidence: reclaimedEvidence(300, {rounds: makeRounds(rising(8, 3))})}),
  'Leak/FloorGrows False',
);
test(
  'rule 6: seven floors prove no growth',
  ends,
  makeSeries(rising(7, 30)),
  'Held/HeldInUse Unknown',
  /growth not examined/,
);
test(
  'rule 6: a round that was not exhausted is no floor',
  ends,
  makeSeries(rising(8, 3), {
    rounds: makeRounds(rising(8, 3)).map((round, index) =>
      index === 4 ? {...round, stopCause: 'Guard'} : round,
    ),
  }),
  'Held/HeldInUse Unknown',
);
test(
  'rule 6: a round with an unexplained fall is no floor',
  ends,
  makeSeries(rising(8, 3), {
    rounds: makeRounds(rising(8, 3)).map((round, index) =>
      index === 4 ? {...round, unexplainedBytes: 9 * MIB} : round,
    ),
  }),
  'Held/HeldInUse Unknown',
);
test(
  'rule 6: a leak may be certain before all rounds are done',
  ends,
  {
    ...makeSeries(rising(12, 3), {stopEarly: true}),
    rounds: {count: 16, intervalSeconds: 15, stopEarly: true},
  },
  'Leak/FloorGrows False',
);
test(
  'rule 6: the first eight of 32 rounds, all that a killed agent left, cover too little of the period',
  ends,
  {...makeSeries(rising(8, 3)), rounds: {count: 32, intervalSeconds: 15, stopEarly: false}},
  'Inconclusive/ReportMissing Unknown',
  /only 8 of 32 rounds/,
);

test(
  'rule 7: a floor above expectedSize is a leak, or looks like one for these reasons',
  ends,
  makeCase(heldEvidence(), expected(100)),
  'Leak/AboveExpected False',
  /300 MiB stay held.*200 MiB above expectedSize \(100 MiB\).*garbage/,
);
test(
  'rule 7: within epsilon is not above',
  ends,
  makeCase(heldEvidence({baselineBytes: 310 * MIB}), expected(299.5)),
  'Reclaimable/WithinExpected True',
);
test(
  'rule 7: what stopped early has no floor to be above',
  ends,
  makeCase(heldEvidence({stopCause: 'Guard', stopGuard: 'maxPressurePercent'}), expected(100)),
  'Inconclusive/GuardTripped Unknown',
  /maxPressurePercent/,
);
test(
  'rule 7: floors on both sides of expectedSize are unclear, not a leak and not a pass',
  ends,
  makeSeries([290, 310, 295], {
    criteria: {expectedBytes: 300 * MIB},
    evidence: {baselineBytes: 400 * MIB, lazyFreedBytes: 110 * MIB},
  }),
  'Inconclusive/TrendUnclear Unknown',
  /1 of 3 floors/,
);

test(
  'rule 8: what was above expectedSize went away',
  ends,
  makeCase(reclaimedEvidence(300), expected(320)),
  'Reclaimable/WithinExpected True',
  /600 MiB to 300 MiB.*320 MiB/,
);
test(
  'rule 8: what a squeeze that ended early did not take is no pass',
  ends,
  makeCase(reclaimedEvidence(300, {stopCause: 'Stalled', lazyFreedBytes: 4 * MIB}), expected(320)),
  'Inconclusive/Stalled Unknown',
);
test(
  'rule 8: a squeeze that ended early may have taken enough',
  ends,
  makeCase(reclaimedEvidence(300, {stopCause: 'Stalled', lazyFreedBytes: 290 * MIB}), expected(320)),
  'Reclaimable/WithinExpected True',
);
test(
  'rule 8: a fall that nothing explains is no pass',
  ends,
  makeCase(heldEvidence({baselineBytes: 400 * MIB, unexplainedBytes: 100 * MIB}), expected(320)),
  'Inconclusive/Unexplained Unknown',
);
test(
  'rule 8: nor does the balance of another round explain it: a worker may have died in this one',
  ends,
  makeSeries([40, 40, 40], {
    criteria: {expectedBytes: 50 * MIB},
    evidence: {baselineBytes: 100 * MIB, lazyFreedBytes: 5 * MIB, unexplainedBytes: 55 * MIB},
    rounds: makeRounds([40, 40, 40]).map((round, index) =>
      index === 0 ? {...round, unexplainedBytes: 55 * MIB} : round,
    ),
  }),
  'Held/HeldInUse Unknown',
);

test(
  'rule 9: what the kernel took back as lazily freed is reclaimable',
  ends,
  makeCase(reclaimedEvidence(300)),
  'Reclaimable/ReclaimedUnderPressure True',
  /^300 MiB of 600 MiB were taken back by the kernel \(lazily freed\); 300 MiB are held; growth not examined\.$/,
);
test(
  'rule 9: it holds for a squeeze that stopped early too, whose floor is only a bound',
  ends,
  makeCase(reclaimedEvidence(300, {stopCause: 'Cap'})),
  'Reclaimable/ReclaimedUnderPressure True',
  /at most 300 MiB are held/,
);
test(
  'rule 9: a squeeze that stopped early says how much it was predicted to take',
  ends,
  makeCase(
    reclaimedEvidence(200, {
      stopCause: 'Guard',
      stopGuard: 'minNodeAvailable',
      lazyFreeBytes: {min: 300 * MIB, max: 300 * MIB},
    }),
  ),
  'Reclaimable/ReclaimedUnderPressure True',
  /^200 MiB of 500 MiB were taken .* \(lazily freed\), of 300 MiB predicted, before the squeeze ended \(minNodeAvailable\); at most/,
);
test(
  'rule 9: less than minReclaimedPercent is too little',
  ends,
  makeCase(reclaimedEvidence(33)),
  'Held/HeldInUse Unknown',
);
test(
  'rule 9: 10 % is enough',
  ends,
  makeCase(reclaimedEvidence(34)),
  'Reclaimable/ReclaimedUnderPressure True',
);
test(
  'rule 9: less than 8 MiB is too little, whatever its share',
  ends,
  makeCase(reclaimedEvidence(7, {baselineBytes: 20 * MIB, floorBytes: 13 * MIB, idleBytes: 0})),
  'Held/HeldInUse Unknown',
);
test(
  'rule 9: the fall of RSS is no proof: it went to swap',
  ends,
  makeCase(heldEvidence({baselineBytes: 500 * MIB, floorBytes: 500 * MIB, swappedBytes: 184 * MIB})),
  'Held/HeldInUse Unknown',
);
test(
  'rule 9: what the program gave back itself counts on v2',
  ends,
  makeCase(heldEvidence({baselineBytes: 400 * MIB, returnedBytes: 100 * MIB})),
  'Reclaimable/ReturnedByTarget True',
  /by the program itself/,
);
test(
  'rule 9: v1 cannot tell that it did',
  ends,
  makeCase(heldEvidence({baselineBytes: 400 * MIB, returnedBytes: 100 * MIB, cgroupVersion: 1})),
  'Held/HeldInUse Unknown',
);
test(
  'rule 9: in the middle of several rounds it is too early',
  ends,
  {
    ...makeCase(reclaimedEvidence(300, {rounds: makeRounds([300, 300])})),
    rounds: {count: 8, intervalSeconds: 15, stopEarly: false},
  },
  'Inconclusive/ReportMissing Unknown',
  /only 2 of 8 rounds/,
);
test(
  'rule 9: floors that rose by more than minGrowth, if not steadily, do not pass for what was taken',
  ends,
  makeSeries([300, 300, 300, 360, 360, 360, 420, 420, 420, 480, 480, 480], {
    evidence: {baselineBytes: 380 * MIB, lazyFreedBytes: 80 * MIB},
  }),
  'Inconclusive/TrendUnclear Unknown',
  /moved by 2\d\d MiB/,
);
test(
  'rule 9: with expectedSize a share of it is no proof that the rest would have come',
  ends,
  makeCase(reclaimedEvidence(300, {stopCause: 'Guard', stopGuard: 'minNodeAvailable'}), expected(100)),
  'Inconclusive/GuardTripped Unknown',
  /minNodeAvailable/,
);

for (const [stopCause, reason] of [
  ['Guard', 'GuardTripped'],
  ['Cap', 'CapReached'],
  ['Stalled', 'Stalled'],
  ['Swap', 'WouldSwap'],
] as const)
  test(
    `rule 10: a squeeze that ended as ${stopCause} has no floor`,
    ends,
    makeCase(heldEvidence({stopCause})),
    `Inconclusive/${reason} Unknown`,
  );

test(
  'rule 11: a fall that neither lazy free nor swap explains is unexplained',
  ends,
  makeCase(heldEvidence({baselineBytes: 400 * MIB, unexplainedBytes: 100 * MIB})),
  'Inconclusive/Unexplained Unknown',
  /100 MiB/,
);
test(
  'rule 11: a repeat whose balance has no gap settles it',
  ends,
  makeCase(
    heldEvidence({
      unexplainedBytes: 100 * MIB,
      rounds: [...makeRounds([300], {unexplainedBytes: 100 * MIB}), ...makeRounds([300])],
    }),
  ),
  'Held/HeldInUse Unknown',
);

test(
  'rule 12: ten flat floors are no pass where every squeeze after them was cut short',
  ends,
  makeSeries(rising(24, 0), {
    rounds: makeRounds(rising(24, 0)).map((round, index) =>
      index < 10 ? round : {...round, stopCause: 'Guard', floorBytes: (300 + 30 * index) * MIB},
    ),
  }),
  'Inconclusive/TrendUnclear Unknown',
  /Only 10 of 24 floors .* no more than 135 s/,
);
test(
  'rule 12: a flat floor is no pass beside shared memory that rose in steps',
  ends,
  makeSeries(rising(12, 0), {
    rounds: makeRounds(rising(12, 0)).map((round, index) => ({
      ...round,
      shmemBytes: Math.floor(index / 4) * 128 * MIB,
    })),
  }),
  'Inconclusive/TrendUnclear Unknown',
  /Shared memory rose by .* more than minGrowth/,
);
test(
  'rule 12: eight floors that stay are flat, and it says what would have been missed',
  ends,
  makeSeries(rising(8, 0)),
  'Held/FloorFlat True',
  /300 MiB stay held over 8 squeezes; no growth above 274 MiB\/h would have been missed.*105 s/,
);
test(
  'rule 12: floors that move without a trend are unclear',
  ends,
  makeSeries([300, 350, 310, 345, 318, 360, 322, 361]),
  'Inconclusive/TrendUnclear Unknown',
);
test(
  'rule 12: floors that fall by much are not flat either',
  ends,
  makeSeries(rising(8, -5)),
  'Inconclusive/TrendUnclear Unknown',
);

test(
  'rule 13: a target under 8 MiB is nothing to judge, and its other memory is named',
  ends,
  makeCase(heldEvidence({baselineBytes: 5 * MIB, floorBytes: 5 * MIB, shmemBytes: 200 * MIB})),
  'Held/NothingToJudge Unknown',
  /5 MiB.*200 MiB shared memory.*4 MiB page cache/,
);

test(
  'rule 14: held and untouched is idle',
  ends,
  makeCase(heldEvidence({idleBytes: 290 * MIB})),
  'Held/HeldIdle Unknown',
  /290 MiB were not touched for 30 s: a leak, an idle cache/,
);
test(
  'rule 14: half of it is enough',
  ends,
  makeCase(heldEvidence({idleBytes: 150 * MIB})),
  'Held/HeldIdle Unknown',
);
test(
  'rule 15: held and touched is in use',
  ends,
  makeCase(heldEvidence({idleBytes: 149 * MIB})),
  'Held/HeldInUse Unknown',
);
test(
  'rule 15: what the target allocated meanwhile is no part of what it held before',
  ends,
  makeCase(heldEvidence({baselineBytes: 280 * MIB, allocatedBytes: 20 * MIB})),
  'Held/HeldInUse Unknown',
  /^300 MiB stay held under pressure \(280 MiB before it\) and in use/,
);
test(
  'rule 14: idle is a share of what the last squeeze left, and floors that differ are told',
  ends,
  makeSeries([100, 150, 200, 300], {evidence: {baselineBytes: 100 * MIB, idleBytes: 60 * MIB}}),
  'Held/HeldInUse Unknown',
  /growth not examined \(floors from 100 MiB to 300 MiB over 4 squeezes\)/,
);
test(
  'rule 14: more may be idle at the end than the floor was',
  ends,
  makeCase(heldEvidence({floorBytes: 32 * MIB, idleBytes: 35 * MIB})),
  'Held/HeldIdle Unknown',
  /^32 MiB of 300 MiB stay held under pressure; 35 MiB were not touched/,
);
test(
  'rule 10: lazily freed memory taken back is told apart from all that could be taken',
  ends,
  makeCase(heldEvidence({stopCause: 'Cap', lazyFreedBytes: 5 * MIB, takeableBytes: 500 * MIB})),
  'Inconclusive/CapReached Unknown',
  /5 MiB of lazily freed memory were taken back \(500 MiB could be taken in all\)/,
);

test(
  'rule 16: held, and nobody looked',
  ends,
  makeCase(without(heldEvidence(), 'idleBytes')),
  'Held/NotExamined Unknown',
);
test(
  'rule 16: with idleSeconds 0 nobody was to look',
  ends,
  makeCase(heldEvidence({idleBytes: 290 * MIB}), {criteria: {idleSeconds: 0}}),
  'Held/NotExamined Unknown',
);

for (const name of [
  'baselineBytes',
  'floorBytes',
  'epsilonBytes',
  'takeableBytes',
  'lazyFreedBytes',
  'unexplainedBytes',
  'stopCause',
] as const)
  test(
    `without ${name} there is no verdict, and the sentence says so`,
    ends,
    makeCase(without(heldEvidence(), name) as Evidence),
    'Inconclusive/ReportMissing Unknown',
    new RegExp(name),
  );
test(
  'an empty report is missing everything',
  ends,
  makeCase({}),
  'Inconclusive/ReportMissing Unknown',
  /baselineBytes/,
);

test('a case is what the agent was told and what it found', t => {
  const settings = makeSettings();
  const evidence = heldEvidence();
  t.deepEqual(buildCase(settings, {evidence}), {
    method: 'Balloon',
    criteria: settings.criteria,
    rounds: settings.rounds,
    evidence,
  });
  const failure = {reason: 'TargetGone', message: 'Gone.'} as const;
  t.deepEqual(buildCase(settings, {evidence, failure}).failure, failure);
});
