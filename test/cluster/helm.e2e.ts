import {execFile} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {promisify} from 'node:util';
import test, {type ExecutionContext} from 'ava';
import {
  inNamespace,
  KUBECONFIG,
  kubectl,
  type NodeKind,
  OPERATOR_NAMESPACE,
  ROOT,
  waitFor,
} from '../helpers/cluster.ts';
import {assertNothingLeft, listBalloonPids, readBoundary} from '../helpers/node-state.ts';
import {applyProbe, getProbe, runProbe, runWorkload, waitComplete} from '../helpers/probe.ts';

const execFileAsync = promisify(execFile);
const CHART = path.join(ROOT, 'charts/memoryprobe');
const RELEASE = ['memoryprobe', '--namespace', OPERATOR_NAMESPACE];
const NODE: NodeKind = 'native';
/** A squeeze that lasts long enough to be met in the middle. */
const SLOW_SQUEEZE = {stepSize: '8Mi', stepIntervalMilliseconds: 500};
/** And one that does not end by itself before what lets go has started, which on the guest node takes 20 s. */
const SLOWER_SQUEEZE = {stepSize: '8Mi', stepIntervalMilliseconds: 2000};
const TARGET = {name: 'target', node: NODE, args: ['lazily-freed', '--freed=200Mi', '--held=20Mi']};

const helm = async (...words: string[]): Promise<string> => {
  const running = execFileAsync(path.join(ROOT, '.cluster/bin/helm'), ['--kubeconfig', KUBECONFIG, ...words]);
  return (await running.catch(error => Promise.reject(new Error(`helm ${words[0]}: ${error.stderr}`))))
    .stdout;
};

type Times = Record<string, string>;

const timed = async (times: Times, what: string, ...words: string[]): Promise<string> => {
  const began = performance.now();
  const output = await helm(...words);
  times[what] = `${((performance.now() - began) / 1000).toFixed(1)} s`;
  return output;
};

/** Everything in the cluster that is ours by its label or name; the resource itself is meant to stay. */
const listOurs = async (kinds: string): Promise<string[]> => {
  const labelled = await kubectl([
    ...['get', kinds, '-A', '-l', 'app.kubernetes.io/name=memoryprobe', '--ignore-not-found'],
    ...['-o', 'jsonpath={range .items[*]}{.kind} {.metadata.namespace}/{.metadata.name}{"\\n"}{end}'],
  ]);
  const leases = await kubectl(['-n', OPERATOR_NAMESPACE, 'get', 'leases', '-o', 'name']);
  const releases = await kubectl([
    '-n',
    OPERATOR_NAMESPACE,
    'get',
    'secrets',
    '-l',
    'owner=helm',
    '-o',
    'name',
  ]);
  return `${labelled}${leases}${releases}`
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('CustomResourceDefinition'));
};

const assertOnlyTheResourceIsLeft = async (t: ExecutionContext): Promise<void> => {
  const all = await kubectl(['api-resources', '--verbs=list', '-o', 'name']);
  const kinds = all.split('\n').filter(kind => kind !== '' && !kind.startsWith('events'));
  let left: string[] = [];
  // What the garbage collector takes goes a moment later.
  await waitFor('the release to be gone', async () => {
    left = await listOurs(kinds.join(','));
    return left.length === 0 || undefined;
  }).catch(() => undefined);
  t.deepEqual(left, []);
  await kubectl(['get', 'crd', 'memoryprobes.memoryprobe.dev']);
};

/** The test's own probe is taken away from it; what is left of the failed test goes when the next one begins. */
const assertFailedTestSaysWhy = async (t: ExecutionContext): Promise<void> => {
  const failing = t.throwsAsync(helm('test', ...RELEASE, '--timeout', '120s'), {
    message: /helm-test was deleted before it was complete|helm-test\W+not found/,
  });
  const probe = ['--namespace', 'memoryprobe-test', 'memoryprobe', 'helm-test'];
  await waitFor('the probe of helm test', () => kubectl(['get', ...probe]).catch(() => undefined));
  await kubectl(['delete', '--wait=false', ...probe]);
  await failing;
};

const waitInflated = (): Promise<true> =>
  waitFor('the balloon to be there', async () => (await listBalloonPids(NODE)).length > 0 || undefined);

test('install, test, upgrade and uninstall leave nothing but the resource, with probes running meanwhile', t =>
  inNamespace('helm', async namespace => {
    const folder = mkdtempSync(path.join(tmpdir(), 'helm-'));
    const file = path.join(folder, 'values.json');
    writeFileSync(file, await helm('get', 'values', ...RELEASE, '--output', 'json'));
    const chart = [...RELEASE, '--values', file, '--wait', '--timeout', '120s'];
    const [name = '', ...options] = chart;
    const install = ['install', name, CHART, ...options];
    const uninstall = ['uninstall', ...RELEASE, '--wait', '--timeout', '120s'];
    const times: Times = {};
    try {
      const pod = await runWorkload({...TARGET, namespace});
      const before = await readBoundary(NODE, pod.metadata.uid);

      await timed(times, 'uninstall', ...uninstall);
      await assertOnlyTheResourceIsLeft(t);

      await timed(times, 'install', ...install);
      await assertFailedTestSaysWhy(t);
      const tested = await timed(times, 'test', 'test', ...RELEASE, '--timeout', '120s');
      t.regex(tested, /Phase:\s+Succeeded/);
      await t.throwsAsync(kubectl(['get', 'namespace', 'memoryprobe-test']), {message: /not found/});

      const target = {podName: 'target'};
      const criteria = {idleSeconds: 0};
      await applyProbe(namespace, 'upgraded', {target, criteria, pressure: SLOW_SQUEEZE});
      await waitInflated();
      await timed(
        times,
        'upgrade while a probe runs',
        'upgrade',
        name,
        CHART,
        ...options,
        '--set',
        'workers=5',
      );
      const upgraded = await waitComplete(namespace, 'upgraded');
      t.is(upgraded.status?.verdict, 'Reclaimable', upgraded.status?.message ?? '');
      await assertNothingLeft(t, NODE);

      const again = await runWorkload({...TARGET, namespace, name: 'again'});
      const beforeAgain = await readBoundary(NODE, again.metadata.uid);
      const slow = {target: {podName: 'again'}, criteria, pressure: SLOWER_SQUEEZE};
      await applyProbe(namespace, 'cut-off', slow);
      await waitInflated();
      await timed(times, 'uninstall while a probe runs', ...uninstall);
      await assertOnlyTheResourceIsLeft(t);
      await assertNothingLeft(t, NODE);
      const {status, metadata} = await getProbe(namespace, 'cut-off');
      t.like(
        status,
        {verdict: 'Inconclusive', reason: 'Uninstalled', phase: 'Complete'},
        status?.message ?? '',
      );
      t.deepEqual(metadata.finalizers ?? [], []);
      t.is((await getProbe(namespace, 'upgraded')).status?.verdict, 'Reclaimable', 'verdicts stay');
      t.deepEqual(await readBoundary(NODE, pod.metadata.uid), before);
      t.deepEqual(await readBoundary(NODE, again.metadata.uid), beforeAgain);

      await timed(times, 'install again', ...install);
      const last = await runProbe(namespace, 'last', {target, criteria: {expectedSize: '1Gi'}});
      t.is(last.status?.reason, 'AsExpected', last.status?.message ?? '');
    } finally {
      for (const [what, time] of Object.entries(times)) t.log(`helm ${what}: ${time}`);
      // The suites after this one need the operator as it was.
      await helm('upgrade', '--install', name, CHART, ...options);
      rmSync(folder, {recursive: true});
    }
  }));
