import {readFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {EVIDENCE_FIELDS} from '../../src/domain/evidence-fields.ts';
import {REASONS} from '../../src/domain/reasons.ts';

const page = readFileSync(path.resolve(import.meta.dirname, '../../docs/verdict.md'), 'utf8');

/** The headings of the reasons below each outcome, with the text under each. */
const paragraphs = new Map(
  [...page.matchAll(/^### (\w+)\n([\s\S]*?)(?=^### |^## |$(?![\s\S]))/gm)].map(([, outcome, text = '']) => [
    outcome,
    new Map(
      [...text.matchAll(/^#### (\w+)\n([^#]*)/gm)].map(([, reason, body = '']) => [reason, body.trim()]),
    ),
  ]),
);

for (const [outcome, reasons] of Object.entries(REASONS))
  test(`every reason of ${outcome} has its paragraph, and no other`, t => {
    const found = paragraphs.get(outcome) ?? new Map();
    t.deepEqual([...found.keys()].sort(), [...reasons].sort());
    for (const [reason, body] of found) t.true(body.length > 40, reason);
  });

test('every number of the evidence is defined', t => {
  const undefinedFields = EVIDENCE_FIELDS.filter(([name]) => !page.includes(`\`${name}\``));
  t.deepEqual(undefinedFields, []);
});
