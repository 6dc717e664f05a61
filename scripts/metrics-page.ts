/**
 * Writes the tables of docs/metrics.md from the operator's own registry, so that no metric is without a line and no line
 * without a metric. Usage: node scripts/metrics-page.ts
 */
import {readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {createMetrics} from '../src/operator/metrics.ts';
import {ROOT} from './run.ts';

const PAGE = path.join(ROOT, 'docs/metrics.md');

type Row = {name: string; type: string; labels: string[]; help: string};

/** Every metric that an operator exposes, in the order of its registration. */
export const listMetrics = async (): Promise<Row[]> => {
  const metrics = createMetrics(1);
  metrics.observeQueue({
    figures: {
      depth: 0,
      running: 0,
      waiting: 0,
      adds: 0,
      retries: 0,
      unfinishedSeconds: 0,
      longestRunningSeconds: 0,
    },
  });
  metrics.observePods(() => ({balloons: 0, repairs: 0, overdue: 0}));
  const types = new Map((await metrics.registry.getMetricsAsJSON()).map(({name, type}) => [name, type]));
  return metrics.registry.getMetricsAsArray().map(metric => {
    const {labelNames = []} = metric as unknown as {labelNames?: string[]};
    return {name: metric.name, type: String(types.get(metric.name)), labels: labelNames, help: metric.help};
  });
};

const isNodes = ({name}: Row): boolean => /^(?:nodejs|process)_/.test(name);

const formatRow = ({name, type, labels, help}: Row): string =>
  `| \`${name}\` | ${type} | ${labels.map(label => `\`${label}\``).join(' ')} | ${help} |`;

const formatTable = (rows: Row[]): string =>
  ['| metric | type | labels | meaning |', '| --- | --- | --- | --- |', ...rows.map(formatRow)].join('\n');

/** The text between the marks of that name is replaced. */
const fill = (page: string, name: string, text: string): string => {
  const [begin, end] = [`<!-- generated: ${name} -->`, '<!-- end -->'];
  const from = page.indexOf(begin);
  const to = page.indexOf(end, from);
  if (from < 0 || to < 0) throw new Error(`docs/metrics.md has no ${begin} ... ${end}`);
  return `${page.slice(0, from)}${begin}\n${text}\n${page.slice(to)}`;
};

/** The page as it must be. */
export const renderPage = async (page: string): Promise<string> => {
  const rows = await listMetrics();
  const ours = fill(page, 'operator', formatTable(rows.filter(row => !isNodes(row))));
  return fill(ours, 'process', formatTable(rows.filter(isNodes)));
};

if (import.meta.main) writeFileSync(PAGE, await renderPage(readFileSync(PAGE, 'utf8')));
