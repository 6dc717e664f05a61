import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {isSwapPossible} from '../../src/agent/limits.ts';

const SWAPS = {swapTotalBytes: 1};
const FILE = {1: 'memory.swappiness', 2: 'memory.swap.max'} as const;

/** A pod with what its cgroups say of swap: the target's is `app`. */
const makePod = (t: ExecutionContext, version: 1 | 2, values: Record<string, string>) => {
  const pod = mkdtempSync(path.join(tmpdir(), 'pod-'));
  t.teardown(() => rmSync(pod, {recursive: true}));
  for (const [name, value] of Object.entries(values)) {
    mkdirSync(path.join(pod, name), {recursive: true});
    writeFileSync(path.join(pod, name, FILE[version]), `${value}\n`);
  }
  return {version, root: tmpdir(), pod, container: path.join(pod, 'app')};
};

test('without swap on the node nothing is swapped, and swap that is not known is there', t => {
  const pod = makePod(t, 2, {'.': 'max', app: 'max'});
  t.false(isSwapPossible(pod, {swapTotalBytes: 0}, 'Balloon'));
  t.true(isSwapPossible(pod, {}, 'Balloon'));
});

for (const [version, most] of [
  [1, '60'],
  [2, 'max'],
] as const) {
  test(`v${version}: a balloon presses the neighbours too, so theirs count; a request only meets the target`, t => {
    const pod = makePod(t, version, {'.': most, app: '0', sidecar: most});
    t.true(isSwapPossible(pod, SWAPS, 'Balloon'));
    t.false(isSwapPossible(pod, SWAPS, 'Reclaim'));
    const none = makePod(t, version, {'.': most, app: '0', sidecar: '0', memoryprobe: most});
    t.false(isSwapPossible(none, SWAPS, 'Balloon'));
  });
}

test("a pod's limit of v2 holds for all in it, its swappiness of v1 for nobody else", t => {
  t.false(isSwapPossible(makePod(t, 2, {'.': '0', app: 'max'}), SWAPS, 'Balloon'));
  for (const method of ['Balloon', 'Reclaim'] as const)
    t.true(isSwapPossible(makePod(t, 1, {'.': '0', app: '60'}), SWAPS, method));
});
