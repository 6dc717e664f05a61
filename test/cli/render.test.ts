import test from 'ava';
import {renderView} from '../../src/cli/render.ts';
import {viewProbe} from '../../src/cli/view.ts';
import {MIB} from '../../src/domain/units.ts';
import type {MemoryProbe} from '../../src/kube/types.ts';
import {makeComplete, makeProbe, RECLAIMED} from '../helpers/made-probes.ts';

const explain = (probe: MemoryProbe): string =>
  renderView(viewProbe({namespace: probe.metadata.namespace ?? '', name: probe.metadata.name}, probe));

test('a reclaimable target: the numbers, the picture of the proof, and what to do next', t => {
  const message =
    'The kernel took 300 MiB of lazily freed memory back: 346 MiB fell to 46 MiB; growth not examined.';
  const end = {verdict: 'Reclaimable', reason: 'ReclaimedUnderPressure', message, passed: 'True'} as const;
  t.snapshot(explain(makeComplete(end, RECLAIMED)));
});

test('a target that was asked: the picture runs over what was asked for, and there is no balloon', t => {
  const end = {
    verdict: 'Reclaimable',
    reason: 'ReclaimedUnderPressure',
    message: 'x',
    passed: 'True',
  } as const;
  const {inflatedBytes: _, ...evidence} = RECLAIMED;
  const probe = makeComplete(end, {...evidence, fileReclaimedBytes: MIB});
  probe.spec.pressure = {...probe.spec.pressure, method: 'Reclaim'} as NonNullable<
    typeof probe.spec.pressure
  >;
  const text = explain(probe);
  t.regex(text, / {3}asked for, MiB\n/);
  t.regex(text, /^ {2}asked for +320\.0 MiB /m);
  t.regex(text, /page cache +1\.0 MiB {2}before the squeeze; 1\.0 MiB taken of all that was pressed/);
  t.notRegex(text, /balloon/);
});

test('a leak: the floor stands above what was expected', t => {
  const message =
    'The floor is 300 MiB where 100 MiB were expected: a leak, uncollected garbage, or what the runtime retains.';
  const end = {verdict: 'Leak', reason: 'AboveExpected', message, passed: 'False'} as const;
  const evidence = {
    baselineBytes: 300 * MIB,
    floorBytes: 300 * MIB,
    reclaimedBytes: 0,
    lazyFreeBytes: {min: 0, max: 0},
    takeableBytes: 0,
    inflatedBytes: 0,
    steps: 0,
    stopCause: 'Exhausted',
    curve: [{inflatedBytes: 0, targetBytes: 300 * MIB}],
  } as const;
  t.snapshot(explain(makeComplete(end, {...evidence, curve: [...evidence.curve]}, {expectedSize: '100Mi'})));
});

/** So many rounds, a minute apart, each of whose floors stands so much above the one before. */
const makeRounds = (count: number, growthBytes: number) =>
  Array.from({length: count}, (_, round) => ({
    floorBytes: 300 * MIB + round * growthBytes,
    reclaimedBytes: 0,
    unexplainedBytes: 0,
    stopCause: 'Exhausted' as const,
    time: new Date(Date.UTC(2026, 0, 1, 0, round)).toISOString(),
  }));

const GROWS = {verdict: 'Leak', reason: 'FloorGrows', message: 'x', passed: 'False'} as const;

test('the floors of several rounds have a picture of their own, over time', t => {
  const evidence = {...RECLAIMED, epsilonBytes: MIB, rounds: makeRounds(13, 4 * MIB)};
  t.snapshot(explain(makeComplete(GROWS, evidence)));
});

/** The lines of the picture that hold a part of the line, from above. */
const linesOfFloors = (text: string): number =>
  text
    .slice(text.indexOf('\nRounds\n'))
    .split('\n')
    .filter(line => /[┼┤].*[─╭╯╰╮]/.test(line)).length;

test('floors that hardly differ look flat, and rounds without a floor are not drawn', t => {
  const flat = makeRounds(13, MIB / 100);
  const text = explain(makeComplete(GROWS, {...RECLAIMED, epsilonBytes: MIB, rounds: flat}));
  t.is(linesOfFloors(text), 1, text);
  const stalled = makeRounds(13, 4 * MIB).map(round => ({...round, stopCause: 'Stalled' as const}));
  t.notRegex(explain(makeComplete(GROWS, {...RECLAIMED, epsilonBytes: MIB, rounds: stalled})), /^Rounds$/m);
});

test('one round has no picture of rounds', t => {
  const evidence = {...RECLAIMED, epsilonBytes: MIB, rounds: makeRounds(1, 0)};
  t.notRegex(explain(makeComplete(GROWS, evidence)), /^Rounds$/m);
});

test('what was not measured is said to be so, and never shown as zero', t => {
  const end = {verdict: 'Inconclusive', reason: 'GuardTripped', message: 'x', passed: 'Unknown'} as const;
  const text = explain(
    makeComplete(end, {baselineBytes: 300 * MIB, stopCause: 'Guard', stopGuard: 'maxPressurePercent'}),
  );
  t.snapshot(text);
  t.regex(text, /floor +not measured/);
  t.notRegex(text, /\b0\.0 MiB/);
});

test('a floor that the squeeze did not reach is not called one', t => {
  const end = {verdict: 'Inconclusive', reason: 'Stalled', message: 'x', passed: 'Unknown'} as const;
  t.regex(explain(makeComplete(end, {...RECLAIMED, stopCause: 'Stalled'})), /floor +46\.0 MiB {2}not proven/);
});

test('a probe that nobody touched yet', t => {
  t.snapshot(explain(makeProbe(undefined)));
});

test('a probe that is under way says what it waits for', t => {
  const reconciling = {
    type: 'Reconciling',
    status: 'True',
    reason: 'WaitingForTurn',
    message: 'Another probe has the node node1.',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  } as const;
  t.snapshot(
    explain(makeProbe({phase: 'Waiting', startTime: '2026-01-01T00:00:00Z', conditions: [reconciling]})),
  );
});
