import {mkdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {AXES, chooseCases, describeCase, type MachineName} from './cases.ts';
import {CLAIMS, renderReport} from './claims.ts';
import type {Facts} from './kernel.ts';
import {type MachineRun, runMachine} from './machines.ts';
import type {Result} from './result.ts';

const BUILD = path.resolve(import.meta.dirname, '../../build');
/** So many machines at a time, the slow ones first. */
const AT_A_TIME = 2;

const CASES = chooseCases();
const runs: MachineRun[] = [];
const allResults = (): Result[] => runs.flatMap(({results}) => results);

test.before(async () => {
  const left: MachineName[] = ['6.12', '6.1', 'guest', '6.1 v1', 'native'];
  const work = async (): Promise<void> => {
    for (let machine = left.shift(); machine !== undefined; machine = left.shift()) {
      const name = machine;
      runs.push(
        await runMachine(
          name,
          CASES.filter(one => one.machine === name),
        ),
      );
    }
  };
  await Promise.all(Array.from({length: AT_A_TIME}, work));
  runs.sort((one, other) => AXES.machine.indexOf(one.machine) - AXES.machine.indexOf(other.machine));
  mkdirSync(BUILD, {recursive: true});
  writeFileSync(path.join(BUILD, 'matrix.json'), JSON.stringify(runs, undefined, 2));
  writeFileSync(path.join(BUILD, 'matrix.md'), renderReport(allResults()));
});

for (const machine of AXES.machine) {
  const cases = CASES.filter(one => one.machine === machine);
  test(`${machine}: ${cases.length} cases ran, nothing was harmed, left behind or complained of`, t => {
    const run = runs.find(one => one.machine === machine);
    t.deepEqual(run?.results.map(({case: one}) => describeCase(one)).sort(), cases.map(describeCase).sort());
    for (const {case: one, harm, restored, stderr} of run?.results ?? [])
      t.deepEqual({harm, restored, stderr}, {harm: [], restored: true, stderr: ''}, describeCase(one));
  });
}

/** What was found; a kernel that can do more is not worse. */
const FACTS: Record<Exclude<MachineName, 'native'>, Partial<Facts>> = {
  guest: {cgroupVersion: 2, reclaimSwappiness: 'accepted', hasPressure: true, countsLazyFree: true},
  '6.1': {cgroupVersion: 2, reclaimSwappiness: 'EINVAL', hasPressure: true, countsLazyFree: true},
  '6.1 v1': {cgroupVersion: 1, reclaimSwappiness: 'absent', hasPressure: false, countsLazyFree: false},
  '6.12': {cgroupVersion: 2, reclaimSwappiness: 'accepted', hasPressure: true, countsLazyFree: true},
};

for (const [machine, facts] of Object.entries(FACTS))
  test(`${machine}: memory.reclaim with swappiness is ${facts.reclaimSwappiness}`, t => {
    const found = runs.find(one => one.machine === machine)?.facts;
    t.like(found, facts);
    t.log(JSON.stringify(found));
  });

for (const check of CLAIMS) {
  const {title} = check([]);
  test(title, t => {
    const {found, broken} = check(allResults());
    t.log(found);
    t.deepEqual(broken, [], found);
  });
}
