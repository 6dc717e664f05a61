/**
 * How often each signal is called a leak, flat or unclear, by the number of rounds: the table of docs/adr/0006-trend.md.
 * Usage: node scripts/trend-table.ts [RUNS]
 */
import {measureRates, SIGNALS} from '../test/domain/signals.ts';

const COUNTS = [8, 12, 16, 20, 32];
const [runs = '400'] = process.argv.slice(2);

const two = (share: number): string => share.toFixed(2).replace(/^0/, '');

console.log(
  `| signal | ${COUNTS.map(count => `n=${count}`).join(' | ')} |\n| --- |${' --- |'.repeat(COUNTS.length)}`,
);
for (const signal of SIGNALS) {
  const cells = COUNTS.map(count => measureRates(signal, {runs: Number(runs), count})).map(
    ({leak, flat, unclear}) => `${two(leak)} ${two(flat)} ${two(unclear)}`,
  );
  console.log(`| ${signal.name} | ${cells.join(' | ')} |`);
}
