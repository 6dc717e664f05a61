import type {AddressInfo} from 'node:net';
import test from 'ava';
import {systemClock} from '../../src/lib/clock.ts';
import {serveHttp} from '../../src/operator/http.ts';
import {createMetrics} from '../../src/operator/metrics.ts';
import {WorkQueue} from '../../src/runtime/work-queue.ts';

test('health, readiness and metrics are served; readiness follows the watches', async t => {
  const metrics = createMetrics(4);
  metrics.observeQueue(new WorkQueue({clock: systemClock, random: () => 0, backoff: {baseMs: 1, capMs: 1}}));
  let ready = false;
  const server = await serveHttp({port: 0, registry: metrics.registry, isReady: () => ready});
  const get = (path: string) => fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);
  t.is((await get('/healthz')).status, 200);
  t.is((await get('/readyz')).status, 503);
  ready = true;
  t.is((await get('/readyz')).status, 200);
  t.is((await get('/')).status, 404);
  const text = await (await get('/metrics')).text();
  for (const name of [
    'controller_runtime_reconcile_total{controller="memoryprobe",result="success"} 0',
    'controller_runtime_max_concurrent_reconciles{controller="memoryprobe"} 4',
    'workqueue_depth{name="memoryprobe",controller="memoryprobe"} 0',
    'leader_election_master_status{name="memoryprobe-operator"} 0',
  ])
    t.true(text.includes(name), name);
  await new Promise(resolve => server.close(resolve));
});
