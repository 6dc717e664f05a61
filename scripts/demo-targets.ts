import {globSync, readFileSync} from 'node:fs';
import path from 'node:path';
import * as yaml from 'js-yaml';
import {ROOT} from './run.ts';

export type Manifest = {
  kind: string;
  metadata: {name: string; namespace?: string};
  spec: {
    target?: {podName: string};
    nodeSelector?: Record<string, string>;
    containers?: {image: string}[];
  };
};
export type Outcome = {verdict: string; reason: string};
export type Target = {name: string; expected: Outcome; pod: Manifest; probe: Manifest};

/** What each program of test/workloads/pods must be found to be. */
const EXPECTED: Record<string, Outcome> = {
  'lazily-freed': {verdict: 'Reclaimable', reason: 'ReclaimedUnderPressure'},
  'above-expected': {verdict: 'Leak', reason: 'AboveExpected'},
  'held-idle': {verdict: 'Held', reason: 'HeldIdle'},
  'held-used': {verdict: 'Held', reason: 'HeldInUse'},
};

export type Placement = {namespace: string; image: string; kinds: readonly string[]};

/** The four pods and their probes, once for each kind of node; `kinds` is empty where any node will do. */
export const readTargets = ({namespace, image, kinds}: Placement): Target[] => {
  const folder = path.join(ROOT, 'test/workloads/pods');
  const manifests = globSync('*.yaml', {cwd: folder}).sort();
  const places = kinds.length === 0 ? [undefined] : kinds;
  return places.flatMap(kind =>
    manifests.map(file => {
      const [pod, probe] = yaml.loadAll(readFileSync(path.join(folder, file), 'utf8')) as [
        Manifest,
        Manifest,
      ];
      const base = path.basename(file, '.yaml');
      const name = kinds.length > 1 ? `${base}-${kind}` : base;
      const metadata = {...pod.metadata, name, namespace};
      const containers = pod.spec.containers?.map(container => ({...container, image})) ?? [];
      const nodeSelector = kind === undefined ? {} : {'memoryprobe.dev/lab-node': kind};
      const expected = EXPECTED[base];
      if (!expected) throw new Error(`${file}: nothing is said of what its probe must find`);
      return {
        name,
        expected,
        pod: {...pod, metadata, spec: {...pod.spec, nodeSelector, containers}},
        probe: {...probe, metadata, spec: {...probe.spec, target: {podName: name}}},
      };
    }),
  );
};
