import test from 'ava';
import {
  judgeText,
  listExpectations,
  listRecords,
  NUMBERS,
  readExpectation,
  readRecord,
} from '../../scripts/record/corpus.ts';
import {MAX_RECORD_BYTES} from '../../scripts/record/thin.ts';
import {buildCase, judge} from '../../src/domain/judge.ts';
import {parseLine, type RecordLine} from '../../src/domain/record.ts';
import {decodeReport, encodeReport} from '../../src/domain/termination-message.ts';
import {MIB} from '../../src/domain/units.ts';

const linesOf = (name: string): RecordLine[] =>
  readRecord(name)
    .split('\n')
    .flatMap(line => parseLine(line) ?? []);

test('every record has an expectation, and every expectation a record', t => {
  t.true(listRecords().length >= 20);
  t.deepEqual(listRecords(), listExpectations());
});

for (const name of listRecords()) {
  const expected = readExpectation(name);

  test(`${name}: ${expected.about}: ${expected.verdict} (${expected.reason})`, t => {
    const {verdict, case: found} = judgeText(readRecord(name));
    t.log(verdict.message);
    const {outcome, reason, passed} = verdict;
    t.deepEqual(
      {outcome, reason, passed},
      {outcome: expected.verdict, reason: expected.reason, passed: expected.passed},
    );
    for (const number of NUMBERS) {
      const mebibytes = expected.mebibytes[number];
      const bytes = found.evidence[`${number}Bytes`];
      if (mebibytes === undefined) continue;
      t.true(Math.abs((bytes ?? Number.NaN) - mebibytes * MIB) <= MIB, `${number} is ${bytes}`);
    }
  });

  test(`${name}: its termination message is judged to be the same`, t => {
    const lines = linesOf(name);
    const report = lines.find(line => line.type === 'report')?.report;
    const settings = lines.find(line => line.type === 'start')?.settings;
    if (report === undefined || settings === undefined) {
      t.is(expected.reason, 'ReportMissing');
      return;
    }
    const message = encodeReport(report);
    t.true(Buffer.byteLength(message) <= 4096);
    const decoded = decodeReport(message);
    if (decoded === undefined) throw new Error('the message is no report');
    const {outcome, reason, passed} = judge(buildCase(settings, decoded));
    t.deepEqual([outcome, reason, passed], [expected.verdict, expected.reason, expected.passed]);
  });

  test(`${name}: is small, and its report has the rounds that were written one by one`, t => {
    t.true(readRecord(name).length <= MAX_RECORD_BYTES);
    const lines = linesOf(name);
    const report = lines.find(line => line.type === 'report')?.report;
    const rounds = lines.filter(line => line.type === 'round').map(({round}) => round);
    if (report) t.deepEqual(report.evidence.rounds ?? [], rounds);
  });
}
