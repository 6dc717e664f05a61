import {readFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {ALERT_CASES} from './alert-cases.ts';
import {prometheusTest} from './need-prometheus.ts';
import {ROOT, RULES_FILE, readRules, runPromtool} from './promtool.ts';

const rules = readRules();
const alerts = rules.filter(({alert}) => alert !== undefined);
const MIB = 1024 * 1024;

const inputOf = (series: Record<string, string>): object[] =>
  Object.entries(series).map(([name, values]) => ({series: name, values}));

/** promtool's own test file with these tests. */
const check = (...tests: object[]): {succeeded: boolean; output: string} =>
  runPromtool(['test', 'rules'], {rule_files: [RULES_FILE], evaluation_interval: '1m', tests});

const alertTest = (
  series: Record<string, string>,
  at: string,
  alert: string,
  expected: object[],
): object => ({
  interval: '1m',
  input_series: inputOf(series),
  alert_rule_test: [{eval_time: at, alertname: alert, exp_alerts: expected}],
});

test('every alert has a case that fires it', t => {
  t.deepEqual(ALERT_CASES.map(({alert}) => alert).sort(), alerts.map(({alert = ''}) => alert).sort());
});

for (const {alert, series, at, labels, summary} of ALERT_CASES)
  prometheusTest(`${alert} fires, and says what it is about`, t => {
    const description = alerts.find(rule => rule.alert === alert)?.annotations?.description;
    const expected = {exp_labels: labels, exp_annotations: {summary, description}};
    const {succeeded, output} = check(alertTest(series, at, alert, [expected]));
    t.true(succeeded, output);
  });

for (const {alert, quiet} of ALERT_CASES)
  for (const {why, series, at} of quiet)
    prometheusTest(`${alert} is quiet where ${why}`, t => {
      const {succeeded, output} = check(alertTest(series, at, alert, []));
      t.true(succeeded, output);
    });

const CONTAINER = 'namespace="shop", pod="checkout-1", container="app", node="n1", id="/kubepods/x"';
const lists = (activeMib: number, inactiveMib: number, cacheMib: number, labels = CONTAINER) => ({
  [`container_memory_total_active_file_bytes{${labels}}`]: `${activeMib * MIB}x5`,
  [`container_memory_total_inactive_file_bytes{${labels}}`]: `${inactiveMib * MIB}x5`,
  [`container_memory_cache{${labels}}`]: `${cacheMib * MIB}x5`,
});

const lazilyFreed = (series: Record<string, string>, expected: object[]): object => ({
  interval: '1m',
  input_series: inputOf(series),
  promql_expr_test: [
    {expr: 'container:memoryprobe_lazily_freed_bytes:min', eval_time: '2m', exp_samples: expected},
  ],
});
const sample = (mib: number): object => ({
  labels:
    'container:memoryprobe_lazily_freed_bytes:min{namespace="shop", pod="checkout-1", container="app", node="n1"}',
  value: mib * MIB,
});

prometheusTest('what lies on the lists of files beyond the page cache was freed lazily', t => {
  const {succeeded, output} = check(lazilyFreed(lists(10, 340, 50), [sample(300)]));
  t.true(succeeded, output);
});

prometheusTest('where tmpfs makes the cache larger than the lists, nothing is claimed', t => {
  const {succeeded, output} = check(lazilyFreed(lists(10, 20, 50), [sample(0)]));
  t.true(succeeded, output);
});

prometheusTest('a kubelet that does not tell a list says nothing of lazily freed bytes, not zero', t => {
  const {[`container_memory_total_active_file_bytes{${CONTAINER}}`]: _, ...others} = lists(10, 340, 50);
  const {succeeded, output} = check(lazilyFreed(others, []));
  t.true(succeeded, output);
});

const POD = 'namespace="shop", pod="checkout-1", container="", image="", node="n1", id="/kubepods"';

prometheusTest('a pod is taken as a whole only where none of its containers is told', t => {
  const whole = {
    labels: 'container:memoryprobe_lazily_freed_bytes:min{namespace="shop", pod="checkout-1", node="n1"}',
    value: 320 * MIB,
  };
  const {succeeded, output} = check(
    lazilyFreed(lists(0, 320, 0, POD), [whole]),
    lazilyFreed({...lists(0, 320, 0, POD), ...lists(10, 340, 50)}, [sample(300)]),
  );
  t.true(succeeded, output);
});

prometheusTest("pods' sandboxes are left out, by whichever sign a kubelet gives them", t => {
  const {succeeded, output} = check(
    lazilyFreed(lists(0, 300, 0, 'namespace="shop", pod="p", container="", image="pause:1"'), []),
    lazilyFreed(lists(0, 300, 0, 'namespace="shop", pod="p", container="POD"'), []),
  );
  t.true(succeeded, output);
});

prometheusTest('promtool does see a wrong expectation', t => {
  t.false(check(lazilyFreed(lists(10, 340, 50), [sample(299)])).succeeded);
});

/** Sections of the runbooks by their heading. */
const readRunbooks = (): Map<string, string> => {
  const text = readFileSync(path.join(ROOT, 'docs/runbooks.md'), 'utf8');
  return new Map(
    text
      .split(/^## /m)
      .slice(1)
      .map(section => [section.split('\n')[0] ?? '', section.slice(section.indexOf('\n'))]),
  );
};

test('every alert has a runbook with something to do, and there is no other', t => {
  const runbooks = readRunbooks();
  t.deepEqual([...runbooks.keys()].sort(), alerts.map(({alert = ''}) => alert).sort());
  for (const [alert, section] of runbooks) {
    t.regex(section, /\*\*Means\.\*\*/, alert);
    t.regex(section, /\*\*Do\.\*\*/, alert);
  }
});
