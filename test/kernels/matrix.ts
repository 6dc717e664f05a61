import {REASONS} from '../../src/domain/reasons.ts';
import type {Outcome} from '../../src/domain/verdict.ts';
import {answerOf, type Reason} from './cases.ts';
import type {Result} from './result.ts';

/** `open`: nothing was claimed, though there was an answer. `wrong`: something was claimed, and is not so. */
export type Grade = 'right' | 'open' | 'wrong';

export const outcomeOf = (reason: Reason): Outcome =>
  (Object.keys(REASONS) as Outcome[]).find(outcome =>
    (REASONS[outcome] as readonly string[]).includes(reason),
  ) ?? 'Inconclusive';

export const hasAnswer = ({case: one}: Result): boolean => outcomeOf(answerOf(one)) !== 'Inconclusive';

/** Where there is no answer, to claim nothing is right, whatever the reason. */
export const grade = (result: Result): Grade => {
  const answer = answerOf(result.case);
  if (result.reason === answer) return 'right';
  if (result.outcome !== 'Inconclusive') return 'wrong';
  return hasAnswer(result) ? 'open' : 'right';
};

/** One row a workload and method, one column a machine: how often right / open / wrong. */
export const renderMatrix = (results: readonly Result[]): string => {
  const machines = [...new Set(results.map(({case: {machine}}) => machine))];
  const rows = [...new Set(results.map(rowOf))].toSorted();
  const cell = (row: string, machine: string): string => {
    const grades = results
      .filter(result => rowOf(result) === row && result.case.machine === machine)
      .map(grade);
    return grades.length === 0
      ? ''
      : GRADES.map(one => grades.filter(other => other === one).length).join(' / ');
  };
  const table = [
    ['method, workload', 'answer', ...machines],
    ...rows.map(row => [
      row,
      [...new Set(results.filter(result => rowOf(result) === row).map(({case: one}) => answerOf(one)))].join(
        ', ',
      ),
      ...machines.map(machine => cell(row, machine)),
    ]),
  ];
  const notRight = results.filter(result => grade(result) !== 'right');
  return [
    '# Right / open / wrong, by workload, method and kernel',
    '',
    ...renderTable(table),
    '',
    summarize(results),
    ...notRight.map(result => `- ${describe(result)}`),
    '',
  ].join('\n');
};

const GRADES: readonly Grade[] = ['right', 'open', 'wrong'];

const rowOf = ({case: {method, workload}}: Result): string => `${method}, ${workload}`;

const renderTable = (rows: readonly string[][]): string[] => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)));
  const lines = rows.map(
    row => `| ${row.map((text, column) => text.padEnd(widths[column] ?? 0)).join(' | ')} |`,
  );
  return lines.toSpliced(1, 0, `| ${widths.map(width => '-'.repeat(width)).join(' | ')} |`);
};

const summarize = (results: readonly Result[]): string => {
  const [right, open, wrong] = GRADES.map(one => results.filter(result => grade(result) === one).length);
  return `${results.length} cases: ${right} right, ${open} open, ${wrong} wrong.`;
};

export const describe = ({case: one, outcome, reason, message}: Result): string =>
  `${Object.values(one).join(', ')}: ${outcome} ${reason}, not ${answerOf(one)}. ${message}`;
