/** Puts the table of the last run of the suite between the markers in docs/verdict.md. */
import {readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {type Row, renderTable} from './row.ts';
import {BUILD} from './start.ts';
import {VARIANTS} from './variants.ts';

const PAGE = path.resolve(import.meta.dirname, '../../docs/verdict.md');
const MARKERS = /(<!-- runtimes: made by `make runtimes` -->\n)[\s\S]*?(<!-- \/runtimes -->)/;

const readRows = (file: string): Row[] =>
  readFileSync(path.join(BUILD, file), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line) as Row);

const indexOf = (row: Row): number =>
  VARIANTS.findIndex(({runtime, variant}) => runtime === row.runtime && variant === row.variant);

const rows = [...readRows('v1.jsonl'), ...readRows('v2.jsonl')].sort((a, b) => indexOf(a) - indexOf(b));
const page = readFileSync(PAGE, 'utf8');
if (!MARKERS.test(page)) throw new Error(`${PAGE} has no markers for the table`);
writeFileSync(
  PAGE,
  page.replace(MARKERS, (_, from, to) => `${from}${renderTable(rows)}\n${to}`),
);
