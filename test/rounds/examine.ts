import {mkdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {buildPrograms} from '../agent/cgroups.ts';
import {type Load, type Machine, runMachine} from './machines.ts';
import type {Result} from './result.ts';
import {isFalseLeak, isFalsePass, isFoundLeak, type MachineResults, renderRounds} from './table.ts';
import {leaks} from './targets.ts';

/** Of the leaks on each machine so many must be found. */
const LEAST_FOUND_SHARE = 0.95;

/** Probes the targets of each machine, one machine after the other, writes build/NAME.md and says whether the verdicts are right. */
export const examine = (name: string, loads: Partial<Record<Machine, Load>>): void => {
  const machines: MachineResults[] = [];
  const all = (): Result[] => machines.flatMap(({results}) => results);

  test.before(async t => {
    buildPrograms();
    for (const machine of Object.keys(loads) as Machine[])
      machines.push({machine, results: await runMachine(machine, loads[machine] as Load)});
    const table = renderRounds(machines);
    const folder = path.resolve(import.meta.dirname, '../../build');
    mkdirSync(folder, {recursive: true});
    writeFileSync(path.join(folder, `${name}.md`), table);
    t.log(table);
  });

  test('every target was probed to the end, and no agent complained', t => {
    const planned = Object.values(loads).flatMap(({counts}) => Object.values(counts));
    t.is(
      all().length,
      planned.reduce((sum, count) => sum + count, 0),
    );
    for (const {plan, evidence, stderr} of all())
      t.deepEqual({rounds: evidence?.rounds !== undefined, stderr}, {rounds: true, stderr: ''}, plan.name);
  });

  test('nothing is called a leak that is none', t => {
    t.deepEqual(all().filter(isFalseLeak).map(describe), []);
  });

  test('no leak passes', t => {
    t.deepEqual(all().filter(isFalsePass).map(describe), []);
  });

  for (const [machine, {counts}] of Object.entries(loads)) {
    const leakCount = counts['leak under a saw'] ?? 0;
    const least = Math.max(1, Math.floor(LEAST_FOUND_SHARE * leakCount));
    test(`${machine}: ${least} of ${leakCount} leaks of 1 MiB a round under a sawtooth of 100 MiB are found in 12 rounds`, t => {
      const leaking = machines
        .filter(results => results.machine === machine)
        .flatMap(({results}) => results.filter(({plan}) => leaks(plan.kind)));
      const missed = leaking.filter(result => !isFoundLeak(result));
      t.true(leaking.length - missed.length >= least, missed.map(describe).join('\n'));
    });
  }
};

const describe = ({plan, verdict}: Result): string =>
  `${plan.name}, ${plan.method}, ${plan.options.join(' ')}: ${verdict?.reason}. ${verdict?.message}`;
