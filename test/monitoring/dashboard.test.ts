import {readFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {listMetrics} from '../../scripts/metrics-page.ts';
import {prometheusTest} from './need-prometheus.ts';
import {MONITORING, readRules, runPromtool} from './promtool.ts';

type Panel = {
  id: number;
  type: string;
  title: string;
  gridPos: {x: number; y: number; w: number; h: number};
  targets?: {expr: string}[];
};
const dashboard = JSON.parse(readFileSync(path.join(MONITORING, 'dashboard.json'), 'utf8')) as {
  panels: Panel[];
};
const {panels} = dashboard;
const queries = panels.flatMap(({title, targets = []}) => targets.map(({expr}) => ({title, expr})));

/** What the kubelet tells of containers and is used here (cAdvisor's names). */
const CADVISOR = [
  'rss',
  'working_set_bytes',
  'cache',
  'total_active_file_bytes',
  'total_inactive_file_bytes',
].map(name => `container_memory_${name}`);

const listKnown = async (): Promise<Set<string>> => {
  const own = (await listMetrics()).flatMap(({name, type}) =>
    type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  );
  return new Set([...own, ...CADVISOR, ...readRules().flatMap(({record}) => record ?? [])]);
};

/** Names of series in an expression: a name of ours, of the kubelet, of Node or of a recording rule. */
const namesIn = (expr: string): string[] =>
  expr.match(
    /\b(?:container|memoryprobe|workqueue|controller_runtime|rest_client|leader_election|process|nodejs)[_:][a-z0-9_:]+/g,
  ) ?? [];

test('every query of the dashboard and of the rules names series that exist', async t => {
  const known = await listKnown();
  const all = [...queries.map(({expr}) => expr), ...readRules().map(({expr}) => expr)];
  t.true(queries.length > 10);
  for (const expr of all) t.not(namesIn(expr).length, 0, expr);
  t.deepEqual(
    all.flatMap(namesIn).filter(name => !known.has(name)),
    [],
  );
});

prometheusTest('Prometheus understands every query of the dashboard', t => {
  const asSent = (expr: string): string =>
    expr.replaceAll('$__rate_interval', '2m').replaceAll('$__range', '6h').replaceAll('$namespace', '.*');
  const rules = queries.map(({expr}, index) => ({record: `query:${index}`, expr: asSent(expr)}));
  const {succeeded, output} = runPromtool(['check', 'rules'], {groups: [{name: 'dashboard', rules}]});
  t.true(succeeded, output);
});

test('the first row ranks the containers that should be probed next', t => {
  const [row, ranking] = panels;
  t.is(row?.type, 'row');
  t.regex(ranking?.targets?.[0]?.expr ?? '', /^topk\(\d+, container:memoryprobe_lazily_freed_bytes:min/);
});

test('panels have ids of their own and do not lie on each other', t => {
  t.is(new Set(panels.map(({id}) => id)).size, panels.length);
  const overlaps = panels.filter(({id, gridPos: a}) =>
    panels.some(
      ({id: other, gridPos: b}) =>
        other > id && a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h,
    ),
  );
  t.deepEqual(overlaps, []);
});
