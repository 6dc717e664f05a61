import {globSync, readFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import * as yaml from 'js-yaml';
import {type Manifest, readTargets} from '../../scripts/demo-targets.ts';
import {decodeSpec} from '../../src/api/decode.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const {version} = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {version: string};
const files = globSync('*.yaml', {cwd: path.join(import.meta.dirname, 'pods')}).sort();
const readBoth = (file: string): [Manifest, Manifest] =>
  yaml.loadAll(readFileSync(path.join(import.meta.dirname, 'pods', file), 'utf8')) as [Manifest, Manifest];

test('there are the four programs of the demo', t => {
  t.deepEqual(files, ['above-expected.yaml', 'held-idle.yaml', 'held-used.yaml', 'lazily-freed.yaml']);
});

for (const file of files) {
  test(`${file} is a pod and a probe of it, with a spec that is in order`, t => {
    const [pod, probe] = readBoth(file);
    t.is(pod.kind, 'Pod');
    t.is(probe.kind, 'MemoryProbe');
    t.is(probe.spec.target?.podName, pod.metadata.name);
    t.notThrows(() => decodeSpec(probe.spec));
  });

  test(`${file} runs the workload of this release`, t => {
    t.is(readBoth(file)[0].spec.containers?.[0]?.image, `localhost/memoryprobe/workload:${version}`);
  });
}

test('on one kind of node the pods keep their names and are bound to it', t => {
  const targets = readTargets({namespace: 'n', image: 'i', kinds: ['guest']});
  t.is(targets.length, files.length);
  for (const {pod, probe, name} of targets) {
    t.deepEqual(pod.spec.nodeSelector, {'memoryprobe.dev/lab-node': 'guest'});
    t.is(pod.metadata.name, name);
    t.is(probe.spec.target?.podName, name);
    t.is(pod.spec.containers?.[0]?.image, 'i');
  }
});

test('on two kinds of node each program runs once on each, under a name of its own', t => {
  const targets = readTargets({namespace: 'n', image: 'i', kinds: ['native', 'guest']});
  t.is(new Set(targets.map(({name}) => name)).size, 2 * files.length);
});

test('on an existing cluster the scheduler decides', t => {
  const [target] = readTargets({namespace: 'n', image: 'i', kinds: []});
  t.deepEqual(target?.pod.spec.nodeSelector, {});
});
