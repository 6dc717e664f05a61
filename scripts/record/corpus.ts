import {globSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {type CaseFile, parseCaseFile} from '../../src/cli/case-file.ts';
import type {Evidence} from '../../src/domain/evidence.ts';
import {judge} from '../../src/domain/judge.ts';
import type {RecordLine} from '../../src/domain/record.ts';
import {MIB} from '../../src/domain/units.ts';
import type {Verdict} from '../../src/domain/verdict.ts';
import {thinRecord} from './thin.ts';

const FOLDER = path.resolve(import.meta.dirname, '../../test/fixtures/records');

/** The numbers that a record is checked for, in whole MiB: what the target was known to have. */
export const NUMBERS = ['baseline', 'floor', 'reclaimed', 'lazyFreed', 'idle'] as const;
export type NumberName = (typeof NUMBERS)[number];

/** What a record must be judged to be, and why that is true of its target. */
export type Expectation = {
  about: string;
  verdict: Verdict['outcome'];
  reason: string;
  passed: Verdict['passed'];
  mebibytes: Partial<Record<NumberName, number>>;
};

export const listRecords = (): string[] =>
  globSync('*.jsonl', {cwd: FOLDER})
    .map(file => file.replace(/\.jsonl$/, ''))
    .sort();

export const listExpectations = (): string[] =>
  globSync('*.json', {cwd: FOLDER})
    .map(file => file.replace(/\.json$/, ''))
    .sort();

export const readRecord = (name: string): string => readFileSync(path.join(FOLDER, `${name}.jsonl`), 'utf8');

export const readExpectation = (name: string): Expectation =>
  JSON.parse(readFileSync(path.join(FOLDER, `${name}.json`), 'utf8'));

export const writeRecord = (name: string, lines: readonly RecordLine[], expectation: Expectation): void => {
  writeFileSync(path.join(FOLDER, `${name}.jsonl`), thinRecord(lines));
  writeFileSync(path.join(FOLDER, `${name}.json`), `${JSON.stringify(expectation, null, 2)}\n`);
};

/** What `memoryprobe judge` makes of a record. */
export const judgeText = (text: string): CaseFile & {verdict: Verdict} => {
  const found = parseCaseFile(text);
  return {...found, verdict: judge(found.case)};
};

/** The numbers of an evidence that were measured, rounded. */
export const toMebibytes = (evidence: Evidence): Expectation['mebibytes'] =>
  Object.fromEntries(
    NUMBERS.flatMap(name => {
      const bytes = evidence[`${name}Bytes`];
      return bytes === undefined ? [] : [[name, Math.round(bytes / MIB)]];
    }),
  );
