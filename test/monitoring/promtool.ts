import {execFileSync, spawnSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import * as yaml from 'js-yaml';

export const ROOT = path.resolve(import.meta.dirname, '../..');
export const MONITORING = path.join(ROOT, 'charts/memoryprobe/monitoring');
export const RULES_FILE = path.join(MONITORING, 'rules.yaml');

export type Rule = {
  alert?: string;
  record?: string;
  expr: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
};
export type RuleFile = {groups: {name: string; rules: Rule[]}[]};

export const readRules = (): Rule[] =>
  (yaml.load(readFileSync(RULES_FILE, 'utf8')) as RuleFile).groups.flatMap(({rules}) => rules);

/** The folder with prometheus and promtool; fetched the first time. Throws with the script's own words where it cannot be. */
export const findPrometheus = (): string =>
  execFileSync('bash', [path.join(import.meta.dirname, 'build/prometheus.sh')], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  }).trim();

/** What promtool says of a file with this content, and whether it is content. */
export const runPromtool = (words: string[], content: object): {succeeded: boolean; output: string} => {
  const folder = mkdtempSync(path.join(tmpdir(), 'promtool-'));
  try {
    const file = path.join(folder, 'input.yaml');
    writeFileSync(file, JSON.stringify(content));
    const {status, stdout, stderr} = spawnSync(path.join(findPrometheus(), 'promtool'), [...words, file], {
      encoding: 'utf8',
    });
    return {succeeded: status === 0, output: `${stdout}${stderr}`};
  } finally {
    rmSync(folder, {recursive: true});
  }
};
