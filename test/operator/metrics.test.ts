import {readFileSync} from 'node:fs';
import test from 'ava';
import {listMetrics, renderPage} from '../../scripts/metrics-page.ts';
import type {Outcome} from '../../src/domain/verdict.ts';
import {createMetrics, type Metrics} from '../../src/operator/metrics.ts';
import type {Status} from '../../src/operator/status.ts';
import {WorkQueue} from '../../src/runtime/work-queue.ts';
import {createJumpClock} from '../helpers/jump-clock.ts';
import {aProbe} from './scene.ts';

const DOCUMENT = new URL('../../docs/metrics.md', import.meta.url);

test('docs/metrics.md has a line for every metric, and for nothing else', async t => {
  const page = readFileSync(DOCUMENT, 'utf8');
  t.is(page, await renderPage(page), 'run `make generate`');
});

test('the names are those of controller-runtime and client-go for what they name', async t => {
  const names = new Set((await listMetrics()).map(({name}) => name));
  const expected = [
    ...['reconcile_total', 'reconcile_errors_total', 'reconcile_panics_total', 'reconcile_time_seconds'],
    ...['active_workers', 'max_concurrent_reconciles'],
  ].map(name => `controller_runtime_${name}`);
  const queue = ['depth', 'adds_total', 'retries_total', 'queue_duration_seconds', 'work_duration_seconds']
    .concat(['unfinished_work_seconds', 'longest_running_processor_seconds'])
    .map(name => `workqueue_${name}`);
  for (const name of [...expected, ...queue, 'rest_client_requests_total', 'leader_election_master_status'])
    t.true(names.has(name), name);
});

/** The lines of a scrape, without comments. */
const scrape = async ({registry}: Metrics): Promise<string[]> =>
  (await registry.metrics()).split('\n').filter(line => line && !line.startsWith('#'));

const has = async (metrics: Metrics, line: string): Promise<boolean> =>
  (await scrape(metrics)).includes(line);

const end = (verdict: Outcome, reason: string, evidence?: Status['evidence']): Status => ({
  verdict,
  reason,
  completionTime: '2026-11-24T18:00:07Z',
  ...(evidence && {evidence}),
});

test('a verdict is counted once, with its time since creation and what it took', async t => {
  const metrics = createMetrics(4);
  const status = end('Reclaimable', 'ReclaimedUnderPressure', {reclaimedBytes: 314_572_800});
  metrics.note(aProbe(), {do: 'writeStatus', status});
  for (const line of [
    'memoryprobe_verdicts_total{verdict="Reclaimable",reason="ReclaimedUnderPressure"} 1',
    'memoryprobe_time_to_verdict_seconds_sum{verdict="Reclaimable"} 7',
    'memoryprobe_time_to_verdict_seconds_bucket{le="5",verdict="Reclaimable"} 0',
    'memoryprobe_time_to_verdict_seconds_bucket{le="10",verdict="Reclaimable"} 1',
    'memoryprobe_reclaimed_bytes_total 314572800',
    'memoryprobe_guard_trips_total{guard="minNodeAvailable"} 0',
  ])
    t.true(await has(metrics, line), line);
});

test('a guard that ended a squeeze is counted by its name', async t => {
  const metrics = createMetrics(4);
  const evidence = {stopCause: 'Guard', stopGuard: 'maxPressurePercent'} as const;
  metrics.note(aProbe(), {do: 'writeStatus', status: end('Inconclusive', 'GuardTripped', evidence)});
  t.true(await has(metrics, 'memoryprobe_guard_trips_total{guard="maxPressurePercent"} 1'));
  t.true(await has(metrics, 'memoryprobe_reclaimed_bytes_total 0'));
});

test('a status on the way is no verdict', async t => {
  const metrics = createMetrics(4);
  const before = await scrape(metrics);
  metrics.note(aProbe(), {do: 'writeStatus', status: {phase: 'Running'}});
  const ours = (lines: string[]): string[] => lines.filter(line => line.startsWith('memoryprobe_'));
  t.deepEqual(ours(await scrape(metrics)), ours(before));
});

test('every verdict and reason that there is stands at 0 before it was given', async t => {
  const lines = await scrape(createMetrics(4));
  t.true(lines.includes('memoryprobe_verdicts_total{verdict="Leak",reason="FloorGrows"} 0'));
  t.true(lines.includes('memoryprobe_time_to_verdict_seconds_count{verdict="Leak"} 0'));
});

test('a repair that failed is counted', async t => {
  const metrics = createMetrics(4);
  const event = {type: 'Warning', reason: 'RepairFailed', action: 'Repair', note: ''} as const;
  metrics.note(aProbe(), {do: 'recordEvent', event});
  metrics.note(aProbe(), {do: 'recordEvent', event: {...event, reason: 'Leak'}});
  t.true(await has(metrics, 'memoryprobe_failed_repairs_total 1'));
});

test('a run that is stuck shows as unfinished work that grows', async t => {
  const clock = createJumpClock();
  const queue = new WorkQueue({clock, random: () => 0, backoff: {baseMs: 1, capMs: 1}});
  const metrics = createMetrics(4);
  metrics.observeQueue(queue);
  const figureOf = async (name: string): Promise<number> =>
    Number((await scrape(metrics)).find(line => line.startsWith(`${name}{`))?.split(' ')[1]);
  queue.add('a');
  queue.add('b');
  await queue.take();
  t.is(await figureOf('workqueue_depth'), 1);
  t.is(await figureOf('workqueue_adds_total'), 2);
  clock.jump(100_000);
  await queue.take();
  t.true((await figureOf('workqueue_longest_running_processor_seconds')) >= 100);
  t.true((await figureOf('workqueue_unfinished_work_seconds')) >= 100);
  t.is(await figureOf('controller_runtime_active_workers'), 2);
  queue.done('a');
  t.true((await figureOf('workqueue_longest_running_processor_seconds')) < 100);
  queue.shut();
});

test('the lead shows under the name of the Lease', async t => {
  const metrics = createMetrics(4);
  t.true(await has(metrics, 'leader_election_master_status{name="memoryprobe-operator"} 0'));
  metrics.setLeading(true);
  t.true(await has(metrics, 'leader_election_master_status{name="memoryprobe-operator"} 1'));
});
