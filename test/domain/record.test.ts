import test from 'ava';
import fc from 'fast-check';
import {encodeLine, parseLine, type RecordLine} from '../../src/domain/record.ts';
import {anyReport} from './reports.ts';
import {makeSample} from './samples.ts';
import {makeSettings} from './settings.ts';

const time = '2026-01-02T03:04:05.678Z';
const LINES: RecordLine[] = [
  {
    type: 'start',
    time,
    settings: makeSettings(),
    cgroupVersion: 2,
    kernelVersion: '6.12.1',
    cpus: 2,
    pageSizeBytes: 4096,
  },
  {type: 'sample', time, of: 'target', sample: makeSample()},
  {type: 'step', time, round: 1, step: 3, inflatedBytes: 5, answer: 'busy'},
  {
    type: 'round',
    time,
    round: {floorBytes: 1, reclaimedBytes: 2, stopCause: 'Exhausted', time: '2026-01-02T03:04:05Z'},
  },
];

for (const line of LINES)
  test(`a ${line.type} line is one line, and comes back as it was`, t => {
    const text = encodeLine(line);
    t.is(text.indexOf('\n'), text.length - 1);
    t.deepEqual(parseLine(text), line);
  });

test('a report line comes back exact to the byte', t => {
  fc.assert(
    fc.property(anyReport, report => {
      t.deepEqual(parseLine(encodeLine({type: 'report', time, report})), {type: 'report', time, report});
    }),
    {numRuns: 100},
  );
});

test('logs, cut lines and other JSON are no lines of a record', t => {
  const whole = encodeLine(LINES[0] as RecordLine);
  for (const text of [
    '',
    'hello',
    '{}',
    '[]',
    '3',
    whole.slice(0, 50),
    '{"type":"constructor","time":"x"}',
    '{"type":"report","time":"x","report":{}}',
  ])
    t.is(parseLine(text), undefined, text);
});

test('a report with a number out of its bounds is none', t => {
  const [report] = fc.sample(anyReport, {numRuns: 1, seed: 1});
  for (const evidence of [
    {floorBytes: -1},
    {floorBytes: '5'},
    {peakPressurePercent: 101},
    {stopCause: 'Bored'},
    {rounds: [{}]},
  ]) {
    const line = {type: 'report', time, report: {...report, evidence}} as unknown as RecordLine;
    t.is(parseLine(encodeLine(line)), undefined, JSON.stringify(evidence));
  }
});
