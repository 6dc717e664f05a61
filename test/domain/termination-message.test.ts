import test from 'ava';
import fc from 'fast-check';
import type {Evidence} from '../../src/domain/evidence.ts';
import {EVIDENCE_FIELDS} from '../../src/domain/evidence-fields.ts';
import {decodeReport, encodeReport, MAX_MESSAGE_BYTES} from '../../src/domain/termination-message.ts';
import {anyReport, largestReport} from './reports.ts';

type NumberField = {
  [Key in keyof Evidence]-?: NonNullable<Evidence[Key]> extends number ? Key : never;
}[keyof Evidence];
type Unlisted = Exclude<NumberField, (typeof EVIDENCE_FIELDS)[number][0]>;

const lengthOf = (text: string): number => Buffer.byteLength(text);

test('every number of the evidence is in the message', t => {
  // A new number that is not listed makes this line fail to compile.
  const unlisted: Unlisted[] = [] satisfies never[];
  t.deepEqual(unlisted, []);
  t.is(new Set(EVIDENCE_FIELDS.map(([name]) => name)).size, EVIDENCE_FIELDS.length);
});

test('a report comes back exact to the KiB in every field', t => {
  fc.assert(
    fc.property(anyReport, report => {
      const text = encodeReport(report);
      const back = decodeReport(text);
      const {curve, rounds, ...numbers} = report.evidence;
      const {curve: backCurve, rounds: backRounds, ...backNumbers} = back?.evidence ?? {};
      t.deepEqual(backNumbers, numbers);
      t.deepEqual({...back, evidence: {}}, {...report, evidence: {}} as typeof back & {evidence: Evidence});
      if ((backCurve?.length ?? 0) === (curve?.length ?? 0)) {
        t.deepEqual(backCurve, curve);
        t.deepEqual(backRounds, rounds);
      }
      t.true(lengthOf(text) <= MAX_MESSAGE_BYTES);
    }),
    {numRuns: 200},
  );
});

test('the largest report fits whole', t => {
  const report = largestReport();
  const text = encodeReport(report);
  t.true(lengthOf(text) <= MAX_MESSAGE_BYTES, `${lengthOf(text)} bytes`);
  t.deepEqual(decodeReport(text), report);
});

test('what is left out first is the middle of the curve, never its ends', t => {
  const message = 'x'.repeat(MAX_MESSAGE_BYTES - lengthOf(encodeReport(largestReport())));
  const report = {...largestReport(), failure: {reason: 'BoundaryChanged' as const, message}};
  const {curve = [], ...rest} = decodeReport(encodeReport(report))?.evidence ?? {};
  const {curve: whole = [], ...numbers} = report.evidence;
  t.true(curve.length >= 2 && curve.length < whole.length);
  t.deepEqual([curve[0], curve.at(-1)], [whole[0], whole.at(-1)]);
  t.deepEqual(rest, numbers);
  t.is(decodeReport(encodeReport(report))?.failure?.message, message);
});

test('then the rounds lose what only rare rules need, and keep what makes a floor', t => {
  const room = MAX_MESSAGE_BYTES - lengthOf(encodeReport(largestReport()));
  const report = {
    ...largestReport(),
    failure: {reason: 'TargetGone' as const, message: 'x'.repeat(room + 1000)},
  };
  const back = decodeReport(encodeReport(report));
  t.true(back?.failure?.message === report.failure.message);
  t.is(back?.evidence.rounds?.length, 32);
  for (const [index, round] of (back?.evidence.rounds ?? []).entries()) {
    const {kernelBytes: _, shmemBytes: __, ...needed} = report.evidence.rounds?.[index] ?? {};
    t.like(round, needed);
    t.false('kernelBytes' in round);
  }
});

test('a failure of any length and any alphabet fits, and its reason stays', t => {
  for (const letter of ['x', 'é', '漢', '🎈', '\u0000', '"']) {
    const text = encodeReport({
      ...largestReport(),
      failure: {reason: 'BoundaryChanged', message: letter.repeat(9000)},
    });
    t.true(lengthOf(text) <= MAX_MESSAGE_BYTES, `${JSON.stringify(letter)}: ${lengthOf(text)} bytes`);
    const failure = decodeReport(text)?.failure;
    t.is(failure?.reason, 'BoundaryChanged');
    t.true((failure?.message.length ?? 0) >= 64);
    t.is(failure?.message.replaceAll(letter, ''), '', 'no half characters');
  }
});

test('texts longer than any kernel prints cost themselves, not the numbers', t => {
  const report = largestReport();
  report.evidence.kernelVersion = '漢'.repeat(5000);
  const text = encodeReport(report);
  t.true(lengthOf(text) <= MAX_MESSAGE_BYTES);
  t.is(decodeReport(text)?.evidence.floorBytes, report.evidence.floorBytes);
});

test('what was not measured stays absent', t => {
  const {evidence: _, ...rest} = largestReport();
  t.deepEqual(decodeReport(encodeReport({...rest, evidence: {}}))?.evidence, {});
});

test('a message of an older agent, with fewer numbers, is read; the missing ones are absent', t => {
  const packed = JSON.parse(encodeReport(largestReport()));
  packed[7].length = 3;
  const evidence = decodeReport(JSON.stringify(packed))?.evidence;
  t.is(evidence?.reclaimedBytes, largestReport().evidence.reclaimedBytes);
  t.is(evidence?.lazyFreedBytes, undefined);
});

test('no other text is a report: a crash, a cut message, a foreign version, numbers out of bounds', t => {
  const good = encodeReport(largestReport());
  for (const text of [
    '',
    'null',
    '{}',
    '[]',
    '[1]',
    'FATAL ERROR: heap',
    good.slice(0, -1),
    good.replace('[1,', '[2,'),
  ])
    t.is(decodeReport(text), undefined, text.slice(0, 30));
  const damage = (change: (packed: unknown[]) => void): unknown => {
    const packed = JSON.parse(good);
    change(packed);
    return decodeReport(JSON.stringify(packed));
  };
  t.is(
    damage(packed => (packed[6] = ['NoSuchReason', 'x'])),
    undefined,
  );
  t.is(
    damage(packed => ((packed[7] as number[])[0] = -5)),
    undefined,
  );
  t.is(
    damage(packed => (packed[9] = 99)),
    undefined,
  );
  t.is(
    damage(packed => (packed[3] = 'yesterday')),
    undefined,
  );
  t.is(
    damage(packed => (packed[12] = Array(33).fill([0, 0, 1, 1, null, null, null]))),
    undefined,
  );
});

test('a value put anywhere in a message makes it no report or another one, but never throws', t => {
  const good = JSON.parse(encodeReport(largestReport()));
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.jsonValue(), (at, value) => {
      decodeReport(JSON.stringify(good.with(at, value)));
    }),
  );
  t.pass();
});
