import {appendFileSync, mkdirSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {findHierarchy} from '../../src/agent/cgroup-tree.ts';
import type {Evidence} from '../../src/domain/evidence.ts';
import {buildCase, judge} from '../../src/domain/judge.ts';
import {encodeLine} from '../../src/domain/record.ts';
import {settingsFor, startAgent} from '../agent/agent.ts';
import {buildPrograms} from '../agent/cgroups.ts';
import {noteState} from '../agent/unharmed.ts';
import type {Row} from './row.ts';
import {BUILD, type Installation, install, startVariant} from './start.ts';
import type {Variant} from './variant.ts';
import {VARIANTS} from './variants.ts';

const MIB = 1024 * 1024;
const {version} = findHierarchy('/sys/fs/cgroup');
const RECORDS = path.join(BUILD, `v${version}`);
const ROWS = path.join(BUILD, `v${version}.jsonl`);
let installation: Installation;

test.before(() => {
  buildPrograms();
  installation = install();
  rmSync(RECORDS, {recursive: true, force: true});
  mkdirSync(RECORDS, {recursive: true});
  rmSync(ROWS, {force: true});
});

for (const variant of VARIANTS.filter(({inGuest}) => version === 1 || inGuest)) {
  const {runtime, expected} = variant;
  test.serial(
    `${runtime}, ${variant.variant}: ${expected.outcome} ${expected.reasons.join(' or ')}`,
    async t => {
      const target = await startVariant(t, installation, variant);
      const checkUnharmed = noteState(t, target);
      const started = performance.now();
      const {report, lines, exitCode, stderr} = await startAgent(t, target, variant.wishes).end();
      const seconds = (performance.now() - started) / 1000;
      checkUnharmed();
      t.is(stderr, '');
      t.is(exitCode, 0);
      if (report === undefined) throw new Error('there is no report');
      const verdict = judge(buildCase(settingsFor(variant.wishes), report));
      t.log(verdict.message, `${seconds.toFixed(1)} s`);
      writeRecord(variant, lines.map(encodeLine).join(''));
      writeRow(variant, report.evidence, {...verdict, seconds});
      t.true(report.restored);
      if (verdict.reason === expected.orOpen) return;
      t.is(verdict.outcome, expected.outcome, verdict.message);
      t.true(expected.reasons.includes(verdict.reason), `${verdict.reason}: ${verdict.message}`);
      t.is(verdict.passed === 'False', expected.outcome === 'Leak');
      checkNumbers(t, variant, report.evidence);
    },
  );
}

/** What the verdict stands on. */
const checkNumbers = (t: ExecutionContext, {expected}: Variant, evidence: Evidence): void => {
  const {lazyFreedBytes = 0, lazyFreeBytes, shmemBytes = 0} = evidence;
  const {leastLazilyFreedMebibytes = 0, leastSharedMebibytes = 0} = expected;
  t.true(lazyFreedBytes >= leastLazilyFreedMebibytes * MIB, `${lazyFreedBytes} were freed`);
  t.true(shmemBytes >= leastSharedMebibytes * MIB, `${shmemBytes} are shared`);
  if (leastLazilyFreedMebibytes > 0)
    t.true(lazyFreedBytes >= 0.9 * (lazyFreeBytes?.min ?? Number.NaN), 'less was taken than was predicted');
};

const writeRecord = ({runtime, variant}: Variant, text: string): void =>
  writeFileSync(path.join(RECORDS, `${`${runtime} ${variant}`.replaceAll(/[^\w]+/g, '-')}.jsonl`), text);

const writeRow = (
  {runtime, variant}: Variant,
  evidence: Evidence,
  {outcome, reason, seconds}: Pick<Row, 'outcome' | 'reason' | 'seconds'>,
): void => {
  const {baselineBytes, lazyFreeBytes, lazyFreedBytes, floorBytes, shmemBytes, cgroupVersion} = evidence;
  const numbers = {baselineBytes, lazyFreeBytes, lazyFreedBytes, floorBytes, shmemBytes, cgroupVersion};
  appendFileSync(ROWS, `${JSON.stringify({runtime, variant, outcome, reason, ...numbers, seconds})}\n`);
};
