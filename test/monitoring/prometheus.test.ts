import type {AddressInfo} from 'node:net';
import {listMetrics} from '../../scripts/metrics-page.ts';
import {systemClock} from '../../src/lib/clock.ts';
import {serveHttp} from '../../src/operator/http.ts';
import {createMetrics} from '../../src/operator/metrics.ts';
import {WorkQueue} from '../../src/runtime/work-queue.ts';
import {type Prometheus, withPrometheus} from '../helpers/prometheus.ts';
import {eventually} from '../helpers/world.ts';
import {prometheusTest} from './need-prometheus.ts';
import {readRules} from './promtool.ts';

/** An operator's metrics on a port of this machine, with one run and one call in them. */
const serveMetrics = async () => {
  const metrics = createMetrics(4);
  metrics.observeQueue(new WorkQueue({clock: systemClock, random: () => 0, backoff: {baseMs: 1, capMs: 1}}));
  metrics.observePods(() => ({balloons: 1, repairs: 0, overdue: 1}));
  metrics.recordRun({label: 'success', seconds: 0.01, queuedSeconds: 0.01, panicked: false});
  metrics.recordCall({method: 'GET', code: '200', write: false});
  const server = await serveHttp({port: 0, registry: metrics.registry, isReady: () => true});
  const {port} = server.address() as AddressInfo;
  return {port, stop: () => new Promise(resolve => server.close(resolve).closeAllConnections())};
};

const pendingAlerts = async (prometheus: Prometheus): Promise<string[]> =>
  (await prometheus.alerts()).map(({labels}) => labels.alertname ?? '').sort();

prometheusTest('a real Prometheus reads every metric of the operator, and the rules judge them', async t => {
  const {port, stop} = await serveMetrics();
  const scrape = {job_name: 'memoryprobe', static_configs: [{targets: [`127.0.0.1:${port}`]}]};
  await withPrometheus([scrape], async prometheus => {
    await eventually('a scrape', async () => (await prometheus.query('up == 1'))[0]);
    for (const {name, type} of await listMetrics()) {
      // Node tells of collections of garbage, of handles and of versions as they come.
      if (name.startsWith('nodejs_')) continue;
      const series = type === 'histogram' ? `${name}_count` : name;
      t.not((await prometheus.query(series)).length, 0, series);
    }
    const expected = ['MemoryProbeBalloonOverdue', 'MemoryProbeNoLeader'];
    await eventually('the alerts', async () => (await pendingAlerts(prometheus)).length === 2 || undefined);
    t.deepEqual(await pendingAlerts(prometheus), expected);
    const rules = await eventually('every rule to have been looked at', async () => {
      const all = await prometheus.rules();
      return all.some(({health}) => health === 'unknown') ? undefined : all;
    });
    t.is(rules.length, readRules().length);
    t.deepEqual(
      rules.filter(({health}) => health !== 'ok'),
      [],
    );
  });
  await stop();
});
