import {globSync, readFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {ADVISED_REASONS, adviseOn} from '../../src/cli/advice.ts';
import {FAILURE_REASONS} from '../../src/domain/verdict.ts';

const RULES = path.resolve(import.meta.dirname, '../../src/domain/rules');

test('there is advice on every failure', t => {
  t.deepEqual(
    FAILURE_REASONS.filter(reason => !ADVISED_REASONS.includes(reason)),
    [],
  );
});

test('there is advice on every reason that a rule gives', t => {
  const text = globSync('*.ts', {cwd: RULES}).map(file => readFileSync(path.join(RULES, file), 'utf8'));
  // 'FloorGrows' is a reason; 'True' and 'Exhausted' are one word, and are not.
  const reasons = [...text.join('\n').matchAll(/'((?:[A-Z][a-z]+){2,})'/g)].map(([, reason]) => reason ?? '');
  t.true(reasons.length > 10);
  t.deepEqual(
    reasons.filter(reason => !ADVISED_REASONS.includes(reason)),
    [],
  );
});

test('on a reason of a newer version it says where to read', t => {
  t.deepEqual(adviseOn('BrandNew'), ['See docs/verdict.md for BrandNew.']);
});
