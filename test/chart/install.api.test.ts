import {cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {CHART, hasHelm, type Manifest, renderChart, runHelm} from '../helpers/helm.ts';
import {createApiTest} from '../helpers/need-api-server.ts';
import {createProbe, eventually, OPERATOR_NAMESPACE, type World} from '../helpers/world.ts';

const apiTest = createApiTest();
const RELEASE = ['memoryprobe', '--namespace', OPERATOR_NAMESPACE];
const CRD = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/memoryprobes.memoryprobe.dev';

const helm = ({api}: World, verb: string, ...words: string[]): string =>
  runHelm(verb, ...words, '--kubeconfig', api.kubeconfig);

/** Nothing runs here, so nothing gets ready. */
const NO_WAIT = '--wait=hookOnly';
/** The world has the resource already, as where somebody applied it by hand. */
const TAKE_OVER = ['--take-ownership', '--force-conflicts'];

const existsInCluster = async ({rest}: World, {kind, apiVersion, metadata}: Manifest): Promise<boolean> => {
  const plural = kind.endsWith('y')
    ? `${kind.slice(0, -1)}ies`
    : kind.endsWith('s')
      ? `${kind}es`
      : `${kind}s`;
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const scope = metadata.namespace ? `/namespaces/${metadata.namespace}` : '';
  const path_ = `${root}${scope}/${plural.toLowerCase()}/${metadata.name}`;
  return rest.call({method: 'GET', path: path_}).then(
    () => true,
    () => false,
  );
};

/** The chart as an older version of it could be: another version, and a resource that lacks a column. */
const makeOlderChart = (folder: string): string => {
  const chart = path.join(folder, 'memoryprobe');
  cpSync(CHART, chart, {recursive: true});
  const rewrite = (file: string, from: RegExp, to: string): void => {
    const text = readFileSync(path.join(chart, file), 'utf8');
    if (!from.test(text)) throw new Error(`${file} has no ${from}`);
    writeFileSync(path.join(chart, file), text.replace(from, to));
  };
  rewrite('Chart.yaml', /^version: .*$/m, 'version: 0.0.1');
  rewrite('templates/crd.yaml', /shortNames: \[mprobe\]/, 'shortNames: [older]');
  return chart;
};

apiTest(
  'install, upgrade from an older version and uninstall: probes are left alone, and nothing but the resource stays',
  async (t, world) => {
    if (!hasHelm(t)) {
      t.pass();
      return;
    }
    const folder = mkdtempSync(path.join(tmpdir(), 'chart-'));
    const shortNames = async () => {
      const {spec} = await world.rest.call<{spec: {names: {shortNames: string[]}}}>({
        method: 'GET',
        path: CRD,
      });
      return spec.names.shortNames;
    };
    try {
      helm(
        world,
        'install',
        ...RELEASE,
        NO_WAIT,
        ...TAKE_OVER,
        '--set',
        'replicas=2',
        makeOlderChart(folder),
      );
      t.deepEqual(await shortNames(), ['older']);
      const {namespace} = await world.place();
      const running = await createProbe(world, namespace, 'running', {target: {podName: 'target'}});

      helm(world, 'upgrade', ...RELEASE, NO_WAIT, '--set', 'replicas=2', CHART);
      t.deepEqual(await shortNames(), ['mprobe'], 'the resource is upgraded too');
      const after = await world.probes.get({namespace, name: 'running'});
      t.deepEqual(after.metadata, running.metadata);
      const objects = renderChart('--set', 'replicas=2');
      for (const object of objects)
        t.true(await existsInCluster(world, object), `${object.kind} ${object.metadata.name}`);

      // The hook's pod would have to run; what it does is in let-go.api.test.ts.
      helm(world, 'uninstall', ...RELEASE, NO_WAIT, '--no-hooks');
      const gone = objects.filter(({kind}) => kind !== 'CustomResourceDefinition');
      for (const object of gone)
        await eventually(
          `${object.kind} ${object.metadata.name} to be gone`,
          async () => !(await existsInCluster(world, object)) || undefined,
        );
      t.deepEqual((await world.probes.get({namespace, name: 'running'})).metadata, running.metadata);
    } finally {
      rmSync(folder, {recursive: true});
    }
  },
);
