import {execFileSync} from 'node:child_process';
import {existsSync, globSync} from 'node:fs';
import {homedir} from 'node:os';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import * as yaml from 'js-yaml';

const ROOT = path.resolve(import.meta.dirname, '../..');
export const CHART = path.join(ROOT, 'charts/memoryprobe');

/** The helm that the cluster's tools brought, or the machine's own; undefined where there is none. */
export const findHelm = (): string | undefined => {
  const cache =
    process.env.CACHE ??
    path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'memoryprobe');
  const machine = (process.env.PATH ?? '').split(':').map(folder => path.join(folder, 'helm'));
  const places = [
    path.join(ROOT, '.cluster/bin/helm'),
    ...globSync(path.join(cache, 'tools-*/helm')),
    ...machine,
  ];
  return places.find(existsSync);
};

const NO_HELM = 'skipped: no helm; run `make cluster-up` once, or put helm on the PATH';

export const runHelm = (...args: string[]): string =>
  execFileSync(findHelm() ?? 'helm', args, {encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe']});

export type Manifest = {
  kind: string;
  apiVersion: string;
  metadata: {name: string; namespace?: string};
  [key: string]: unknown;
};

const parseManifests = (text: string): Manifest[] =>
  yaml.loadAll(text).filter((object): object is Manifest => object !== null && object !== undefined);

const templateOf = (release: string): string[] => [
  'template',
  release,
  CHART,
  '--namespace',
  'memoryprobe-system',
];

/** The chart's objects, as `helm install` would send them. */
export const renderChart = (...flags: string[]): Manifest[] => renderReleaseOf('memoryprobe', ...flags);

/** The same for a release of another name. */
export const renderReleaseOf = (release: string, ...flags: string[]): Manifest[] =>
  parseManifests(runHelm(...templateOf(release), '--no-hooks', ...flags));

/** Those, and what `helm test` and `helm uninstall` make for a while. */
export const renderChartAndHooks = (...flags: string[]): Manifest[] =>
  parseManifests(runHelm(...templateOf('memoryprobe'), ...flags));

/** A test of the chart: skipped with a line that says what is missing where there is no helm; under CI=true it fails. */
export const chartTest = (title: string, body: (t: ExecutionContext) => void): void => {
  if (findHelm() || process.env.CI === 'true') test(title, body);
  else test.skip(`${title} (${NO_HELM})`, body);
};

/** For tests that need helm and more: false where there is none, told in the log; under CI=true that is a failure. */
export const hasHelm = (t: ExecutionContext): boolean => {
  if (findHelm()) return true;
  t.log(NO_HELM);
  t.not(process.env.CI, 'true', NO_HELM);
  return false;
};
