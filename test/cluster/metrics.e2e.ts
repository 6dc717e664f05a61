import {readFileSync} from 'node:fs';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {isAbout} from '../helpers/about.ts';
import {
  apply,
  inNamespace,
  kubectl,
  kubectlJson,
  NODE_KINDS,
  OPERATOR_NAMESPACE,
  ROOT,
  waitFor,
} from '../helpers/cluster.ts';
import {runProbe, runWorkload} from '../helpers/probe.ts';
import {type Prometheus, withPrometheus} from '../helpers/prometheus.ts';
import {MONITORING} from '../monitoring/promtool.ts';

const MIB = 1024 * 1024;
const FREED_MIB = 300;
const CA = path.join(ROOT, '.cluster/pki/ca.crt');
const READER = 'memoryprobe-test-metrics-reader';

/** The account of a Prometheus, with the one right that scraping a kubelet needs, for as long as a test uses its token. */
const asReader = async (namespace: string, use: (token: string) => Promise<void>): Promise<void> => {
  const rbac = {apiVersion: 'rbac.authorization.k8s.io/v1', metadata: {name: READER}};
  await apply(
    {apiVersion: 'v1', kind: 'ServiceAccount', metadata: {namespace, name: READER}},
    {...rbac, kind: 'ClusterRole', rules: [{apiGroups: [''], resources: ['nodes/metrics'], verbs: ['get']}]},
    {
      ...rbac,
      kind: 'ClusterRoleBinding',
      roleRef: {apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: READER},
      subjects: [{kind: 'ServiceAccount', namespace, name: READER}],
    },
  );
  try {
    await use((await kubectl(['-n', namespace, 'create', 'token', READER])).trim());
  } finally {
    await kubectl(['delete', `clusterrole/${READER}`, `clusterrolebinding/${READER}`, '--ignore-not-found']);
  }
};

type Node = {metadata: {name: string}; status: {addresses: {type: string; address: string}[]}};

/** Every kubelet, at the address that its node tells. */
const scrapeKubelets = async (token: string): Promise<object> => {
  const {items} = await kubectlJson<{items: Node[]}>(['get', 'nodes']);
  return {
    job_name: 'kubelet',
    scheme: 'https',
    // The kubelet itself looks each 10 s; on a busy machine it takes more than one to answer.
    scrape_interval: '5s',
    metrics_path: '/metrics/cadvisor',
    authorization: {credentials: token},
    tls_config: {ca_file: CA},
    static_configs: items.map(({metadata, status}) => ({
      targets: [`${status.addresses.find(({type}) => type === 'InternalIP')?.address}:10250`],
      labels: {node: metadata.name},
    })),
  };
};

const scrapeOperator = async (): Promise<object> => {
  const {items} = await kubectlJson<{items: {status: {podIP: string}}[]}>([
    ...['-n', OPERATOR_NAMESPACE, 'get', 'pods', '-l', 'app.kubernetes.io/component=operator'],
  ]);
  return {
    job_name: 'memoryprobe',
    static_configs: [{targets: items.map(({status}) => `${status.podIP}:8080`)}],
  };
};

/** The fleet view's figure for a pod of the test, once it is what `isRight` says; else what it was last. */
const lazilyFreed = async (
  prometheus: Prometheus,
  namespace: string,
  pod: string,
  isRight: (bytes: number) => boolean,
): Promise<number | undefined> => {
  let last: number | undefined;
  const look = async (): Promise<number | undefined> => {
    const name = 'container:memoryprobe_lazily_freed_bytes:min';
    const [sample, ...others] = await prometheus.query(`${name}{namespace="${namespace}", pod="${pod}"}`);
    // One: its only container or, of a kubelet that tells no containers, the pod as a whole.
    last = others.length === 0 ? sample?.value : undefined;
    return last !== undefined && isRight(last) ? last : undefined;
  };
  // The kubelet looks at its containers every 10 to 15 s.
  await waitFor(`${pod} in Prometheus`, look, {seconds: 40, everyMilliseconds: 500}).catch(() => undefined);
  return last;
};

const isNear = (expectedBytes: number) => (bytes: number) => Math.abs(bytes - expectedBytes) <= MIB;

const single = async (prometheus: Prometheus, expr: string): Promise<number> =>
  (await prometheus.query(expr))[0]?.value ?? Number.NaN;

const showFleet = async (t: ExecutionContext, prometheus: Prometheus, namespace: string): Promise<void> => {
  for (const node of NODE_KINDS) {
    const bytes = await lazilyFreed(prometheus, namespace, `freed-${node}`, isNear(FREED_MIB * MIB));
    t.log(`${node}: ${bytes} bytes lazily freed by the rule, ${FREED_MIB * MIB} by the program`);
    isAbout(t, bytes, FREED_MIB * MIB);
  }
  isAbout(t, await lazilyFreed(prometheus, namespace, 'held', isNear(0)), 0);
  const suspects = async (): Promise<(string | undefined)[]> =>
    (await prometheus.alerts())
      .filter(({labels}) => labels.alertname === 'ContainerRSSFarAboveWorkingSet')
      .filter(({labels}) => labels.namespace === namespace)
      .map(({labels}) => labels.pod)
      .sort();
  await waitFor('the alert to be pending', async () =>
    (await suspects()).length >= NODE_KINDS.length ? true : undefined,
  );
  t.deepEqual(
    await suspects(),
    NODE_KINDS.map(node => `freed-${node}`).sort(),
    'only who freed lazily is a suspect',
  );
};

const showProbe = async (t: ExecutionContext, prometheus: Prometheus, namespace: string): Promise<void> => {
  const verdicts = 'sum(memoryprobe_verdicts_total{verdict="Reclaimable"})';
  const reclaimed = 'sum(memoryprobe_reclaimed_bytes_total)';
  const before = {
    verdicts: await single(prometheus, verdicts),
    reclaimed: await single(prometheus, reclaimed),
  };
  const probe = await runProbe(namespace, 'probe', {
    target: {podName: 'freed-native'},
    criteria: {idleSeconds: 0},
  });
  t.is(probe.status?.verdict, 'Reclaimable', probe.status?.message ?? '');
  await waitFor('the verdict in Prometheus', async () =>
    (await single(prometheus, verdicts)) === before.verdicts + 1 ? true : undefined,
  );
  const taken = probe.status?.evidence?.reclaimedBytes ?? Number.NaN;
  t.is((await single(prometheus, reclaimed)) - before.reclaimed, taken);
  t.is(await single(prometheus, 'max(max_over_time(memoryprobe_active_balloons[1m]))'), 1);
  await waitFor('the balloon to be gone in Prometheus', async () =>
    (await single(prometheus, 'max(memoryprobe_active_balloons)')) === 0 ? true : undefined,
  );
  isAbout(t, await lazilyFreed(prometheus, namespace, 'freed-native', isNear(0)), 0);
};

const showDashboard = async (t: ExecutionContext, prometheus: Prometheus): Promise<void> => {
  const {panels} = JSON.parse(readFileSync(path.join(MONITORING, 'dashboard.json'), 'utf8')) as {
    panels: {title: string; targets?: {expr: string}[]}[];
  };
  const ranking = panels.find(({targets}) => targets?.[0]?.expr.startsWith('topk'))?.targets?.[0]?.expr ?? '';
  const [first] = await prometheus.query(ranking.replaceAll('$namespace', '.*'));
  t.is(
    first?.metric.pod,
    'freed-guest',
    'after the probe of the other, it is the first that should be probed next',
  );
  t.is(await single(prometheus, 'sum(leader_election_master_status{name="memoryprobe-operator"})'), 1);
};

test('Prometheus sees what every container freed lazily, before any probe and after one, and the operator at work', t =>
  inNamespace('metrics', namespace =>
    asReader(namespace, async token => {
      await Promise.all([
        ...NODE_KINDS.map(node =>
          runWorkload({
            namespace,
            name: `freed-${node}`,
            node,
            args: ['lazily-freed', `--freed=${FREED_MIB}Mi`, '--held=46Mi'],
          }),
        ),
        runWorkload({namespace, name: 'held', node: 'native', args: ['held-idle', '--held=200Mi']}),
      ]);
      await withPrometheus([await scrapeKubelets(token), await scrapeOperator()], async prometheus => {
        const targets = NODE_KINDS.length + 1;
        await waitFor('every scrape', async () =>
          (await single(prometheus, 'sum(up)')) >= targets ? true : undefined,
        );
        await showFleet(t, prometheus, namespace);
        await showProbe(t, prometheus, namespace);
        await showDashboard(t, prometheus);
      });
    }),
  ));
