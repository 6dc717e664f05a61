/**
 * From nothing to printed verdicts: `make demo`. Ends with 1 when a verdict is not the one that the program deserves.
 * NODES (native, guest, or both) and CONTEXT (an existing cluster, by name) come from the environment.
 */
import {findCluster} from './cluster-access.ts';
import {readTargets, type Target} from './demo-targets.ts';
import {awaitVerdicts, type Found} from './demo-watch.ts';
import {read, secondsSince, show} from './run.ts';

const NAMESPACE = 'memoryprobe-demo';
const {CONTEXT, NODES = 'native', IMAGE_REPOSITORY = 'localhost/memoryprobe', VERSION = ''} = process.env;
const began = performance.now();
const cluster = findCluster(CONTEXT);
const kinds = cluster.embedded ? NODES.split(/\s+/).filter(Boolean) : [];
const kubectl = (args: string[], input?: string): Promise<string> =>
  read([...cluster.kubectl, ...args], input);
const applyAll = (items: object[]): Promise<string> =>
  kubectl(['apply', '-f', '-'], JSON.stringify({apiVersion: 'v1', kind: 'List', items}));

const prepare = async (): Promise<void> => {
  await show('images and the command line client', ['make', '--no-print-directory', 'images', 'cli']);
  if (cluster.embedded)
    await show(`a Kubernetes cluster on this machine (${kinds.join(', ')})`, [
      'make',
      '--no-print-directory',
      'cluster-up',
      `NODES=${kinds.join(' ')}`,
    ]);
  await show(`the operator, with Helm, on ${cluster.title}`, ['make', '--no-print-directory', 'deploy']);
};

/** An earlier demo's probes have their answer for good, so everything is made anew. */
const startTargets = async (targets: readonly Target[]): Promise<void> => {
  console.log(`\n== ${targets.length} programs of 300 MiB and more, in namespace ${NAMESPACE}`);
  const namespace = {apiVersion: 'v1', kind: 'Namespace', metadata: {name: NAMESPACE}};
  await applyAll([namespace]);
  await kubectl(['-n', NAMESPACE, 'wait', '--for=create', 'serviceaccount/default', '--timeout=60s']);
  await kubectl(['-n', NAMESPACE, 'delete', 'memoryprobes,pods', '--all', '--timeout=120s']);
  const starting = performance.now();
  await applyAll(targets.map(({pod}) => pod));
  await kubectl(['-n', NAMESPACE, 'wait', '--for=condition=Ready', 'pods', '--all', '--timeout=180s']);
  console.log(`   their memory stands after ${secondsSince(starting)}`);
};

const explainAll = async (targets: readonly Target[]): Promise<void> => {
  const client = ['build/cli/memoryprobe.js', 'explain', '-n', NAMESPACE, ...cluster.clientFlags];
  for (const {name} of targets) {
    console.log(`\n$ memoryprobe explain ${name} -n ${NAMESPACE}`);
    console.log(await read([process.execPath, ...client, name]));
  }
};

const reportDifferences = (targets: readonly Target[], found: ReadonlyMap<string, Found>): boolean => {
  const differences = targets.filter(({name, expected}) => {
    const {verdict, reason} = found.get(name) ?? {};
    return verdict !== expected.verdict || reason !== expected.reason;
  });
  for (const {name, expected} of differences) {
    const {verdict = 'no verdict', reason = '', message = ''} = found.get(name) ?? {};
    console.log(
      `WRONG: ${name} is ${verdict} ${reason}, not ${expected.verdict} ${expected.reason}. ${message}`,
    );
  }
  return differences.length === 0;
};

const printHowToGoOn = (): void => {
  const command = cluster.embedded
    ? '.cluster/bin/kubectl --kubeconfig .cluster/kubeconfig'
    : cluster.kubectl.join(' ');
  console.log(`\nThe cluster stays up. To look further:
  ${command} -n ${NAMESPACE} get memoryprobes,pods -o wide
  ${command} -n ${NAMESPACE} get memoryprobe lazily-freed -o yaml
  ${command} -n memoryprobe-system logs deployment/memoryprobe
To take it away: ${cluster.embedded ? 'make cluster-down' : `${command} delete namespace ${NAMESPACE}`}`);
};

const demonstrate = async (): Promise<boolean> => {
  await prepare();
  const targets = readTargets({
    namespace: NAMESPACE,
    image: `${IMAGE_REPOSITORY}/workload:${VERSION}`,
    kinds,
  });
  await startTargets(targets);
  console.log(`\n== ${targets.length} probes, one at a time on a node`);
  await applyAll(targets.map(({probe}) => probe));
  const found = await awaitVerdicts(() => kubectl(['-n', NAMESPACE, 'get', 'memoryprobes', '-o', 'json']));
  await explainAll(targets);
  console.log(`$ kubectl -n ${NAMESPACE} get memoryprobes -o wide`);
  console.log(await kubectl(['-n', NAMESPACE, 'get', 'memoryprobes', '-o', 'wide']));
  const right = reportDifferences(targets, found);
  if (right) console.log(`All ${targets.length} verdicts are the right ones; ${secondsSince(began)} in all.`);
  printHowToGoOn();
  return right;
};

try {
  process.exitCode = (await demonstrate()) ? 0 : 1;
} catch (error) {
  console.error(`demo: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
