import {globSync, readFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';

const ROOT = path.resolve(import.meta.dirname, '../..');
const page =
  readFileSync(path.join(import.meta.dirname, 'README.md'), 'utf8').split('## The program')[0] ?? '';

/** Titles that a loop makes stand here by the part that is always the same. */
const sources = [...globSync('test/traps/*.ts', {cwd: ROOT}), 'test/domain/balance.test.ts']
  .map(file => readFileSync(path.join(ROOT, file), 'utf8'))
  .join('\n')
  .replaceAll(/\$\{size\} ?/g, '')
  .replaceAll(/\s+/g, ' ');

test('every test that the catalogue names exists', t => {
  const titles = [...page.matchAll(/`([^`\n]*)`/g)]
    .map(([, title = '']) => title.replace(/(?:smaller|larger) than the balloon ?/, ''))
    .filter(title => title.includes(' '));
  t.true(titles.length > 30);
  t.deepEqual(
    titles.filter(title => !sources.includes(title.replaceAll(/\s+/g, ' '))),
    [],
  );
});

test('every row of the catalogue is there once', t => {
  const rows = [...page.matchAll(/^\| ([\d, ]+) \|/gm)].flatMap(([, numbers = '']) =>
    numbers.split(', ').map(Number),
  );
  t.deepEqual(
    rows,
    Array.from({length: 36}, (_, index) => index + 1),
  );
});
