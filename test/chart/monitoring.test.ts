import {readFileSync} from 'node:fs';
import path from 'node:path';
import {CHART, chartTest, type Manifest, renderChart} from '../helpers/helm.ts';
import {type RuleFile, readRules} from '../monitoring/promtool.ts';

const KINDS = ['ServiceMonitor', 'PrometheusRule', 'ConfigMap'];
const monitoringOf = (objects: Manifest[]): Manifest[] => objects.filter(({kind}) => KINDS.includes(kind));
const on = (...parts: string[]): Manifest[] =>
  renderChart(...parts.flatMap(part => ['--set', `monitoring.${part}.enabled=true`]));
const only = (kind: string, objects: Manifest[]): Manifest => {
  const [found, ...others] = monitoringOf(objects);
  if (found?.kind !== kind || others.length > 0) throw new Error(`not one ${kind} alone`);
  return found;
};

chartTest('nothing for Prometheus or Grafana is made unless it is asked for', t => {
  t.deepEqual(monitoringOf(renderChart()), []);
});

chartTest("the ServiceMonitor finds the Service, by its labels and its port's name", t => {
  const objects = on('serviceMonitor');
  const monitor = only('ServiceMonitor', objects) as unknown as {
    spec: {selector: {matchLabels: Record<string, string>}; endpoints: {port: string; path: string}[]};
  };
  const matches = objects.filter(({kind, metadata}) => {
    const {labels = {}} = metadata as {labels?: Record<string, string>};
    return (
      kind === 'Service' &&
      Object.entries(monitor.spec.selector.matchLabels).every(([key, value]) => labels[key] === value)
    );
  }) as unknown as {spec: {ports: {name: string}[]}}[];
  t.is(matches.length, 1);
  t.deepEqual(
    monitor.spec.endpoints.map(({port, path: at}) => [port, at]),
    [[matches[0]?.spec.ports[0]?.name ?? '', '/metrics']],
  );
});

chartTest('the PrometheusRule has the rules as they were tested, and a runbook for each alert', t => {
  const {spec} = only('PrometheusRule', on('prometheusRule')) as unknown as {spec: RuleFile};
  const rendered = spec.groups.flatMap(({rules}) => rules);
  const withoutRunbook = rendered.map(rule => {
    const {runbook_url: _, ...annotations} = rule.annotations ?? {};
    return rule.alert ? {...rule, annotations} : rule;
  });
  t.deepEqual(withoutRunbook, readRules());
  for (const {alert, annotations} of rendered)
    if (alert) t.is(annotations?.runbook_url, `docs/runbooks.md#${alert.toLowerCase()}`);
});

chartTest('the ConfigMap has the dashboard, under the label that the sidecar looks for', t => {
  const map = only('ConfigMap', on('dashboard')) as unknown as {
    metadata: {labels: Record<string, string>};
    data: Record<string, string>;
  };
  t.is(map.metadata.labels.grafana_dashboard, '1');
  t.deepEqual(
    JSON.parse(map.data['memoryprobe.json'] ?? ''),
    JSON.parse(readFileSync(path.join(CHART, 'monitoring/dashboard.json'), 'utf8')),
  );
});

chartTest('what Prometheus and Grafana select by can be given, and nothing unknown', t => {
  const label = 'monitoring.prometheusRule.labels.release=kube-prometheus';
  const rule = only(
    'PrometheusRule',
    renderChart('--set', 'monitoring.prometheusRule.enabled=true', '--set', label),
  ) as unknown as {metadata: {labels: Record<string, string>}};
  t.is(rule.metadata.labels.release, 'kube-prometheus');
  t.throws(() => renderChart('--set', 'monitoring.alerts=true'), {message: /alerts/});
});
