import {execFileSync} from 'node:child_process';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {buildPrograms} from '../agent/cgroups.ts';
import {IN_USER_MODE} from '../balloon/pod.ts';
import {measurePair, type Pair, startBystander} from './pairs.ts';
import {describePairs, isUnharmed} from './ratios.ts';
import type {Served} from './served.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
/** `make bench` asks for more pairs. */
const PAIRS = Number(process.env.PAIRS ?? (IN_USER_MODE ? 2 : 3));
/** A machine that is disturbed in most pairs of one batch is asked again: what a probe does shows in every batch. */
const BATCHES = 3;

test.before(() => {
  buildPrograms();
  execFileSync('make', ['--silent', 'latency-programs'], {cwd: ROOT});
});

const measureBatch = async (
  t: ExecutionContext,
  bystander: Served,
  method: 'Balloon' | 'Reclaim',
): Promise<Pair[]> => {
  const pairs: Pair[] = [];
  for (let pair = 0; pair < PAIRS; pair += 1) {
    const measured = await measurePair(bystander, method);
    t.is(measured.report?.evidence.stopCause, 'Exhausted');
    t.true(measured.squeezedRequests >= 100, 'too few requests for a 99th percentile');
    pairs.push(measured);
  }
  return pairs;
};

for (const method of ['Balloon', 'Reclaim'] as const)
  test.serial(
    `a target that serves answers 99 of 100 requests as fast while it is squeezed: method ${method}`,
    async t => {
      const bystander = await startBystander(t);
      let unharmed = false;
      for (let batch = 1; batch <= BATCHES && !unharmed; batch += 1) {
        const pairs = await measureBatch(t, bystander, method);
        for (const line of describePairs(pairs)) t.log(line);
        unharmed = isUnharmed(pairs);
      }
      t.true(unharmed, 'slower in every batch');
    },
  );
