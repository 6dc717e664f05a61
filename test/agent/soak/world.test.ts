import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {buildPrograms, startTarget, type TestTarget} from '../cgroups.ts';
import {findLeftovers, readWorld} from './world.ts';

test.before(buildPrograms);

/** What is set to another value, by its file in the pod and in the container. */
const OTHER_VALUES: Record<1 | 2, Record<string, string>> = {
  1: {
    'memory.limit_in_bytes': String(1 << 30),
    'memory.swappiness': '7',
  },
  2: {
    'memory.high': String(1 << 30),
    'memory.max': String(1 << 30),
    'memory.swap.high': String(1 << 20),
    'memory.swap.max': '0',
  },
};
/** Not every kernel has the others. */
const LEAST: Record<1 | 2, string> = {1: 'memory.swappiness', 2: 'memory.swap.max'};

const change = ({version}: TestTarget, directory: string, name: string): (() => void) => {
  const file = path.join(directory, name);
  const before = readFileSync(file, 'latin1').trim();
  writeFileSync(file, OTHER_VALUES[version][name] ?? '');
  // Where nothing is limited v1 prints the most that there could be, and takes -1.
  return () => writeFileSync(file, version === 1 && name.includes('limit') ? '-1' : before);
};

test('a limit or swap setting of pod or container that was changed is told, and nothing else', async t => {
  const target = await startTarget(t, ['held-idle', '--held=4Mi']);
  const before = readWorld(target);
  t.deepEqual(findLeftovers(target, before), []);
  const looked: string[] = [];
  for (const directory of [target.pod, target.container])
    for (const name of Object.keys(OTHER_VALUES[target.version])) {
      if (!existsSync(path.join(directory, name))) continue;
      looked.push(name);
      const putBack = change(target, directory, name);
      const found = findLeftovers(target, before);
      t.is(found.length, 1, `${name}: ${found}`);
      t.true(found[0]?.startsWith(`${path.join(directory, name)} was `), found[0]);
      putBack();
      t.deepEqual(findLeftovers(target, before), []);
    }
  t.true(looked.includes(LEAST[target.version]), looked.join());
});

test("the machine's own swap settings are among what is compared", async t => {
  const before = readWorld(await startTarget(t, ['held-idle', '--held=4Mi']));
  t.is(before.get('/proc/sys/vm/swappiness'), readFileSync('/proc/sys/vm/swappiness', 'latin1').trim());
  t.true(before.get('swap')?.startsWith('Filename'));
});
