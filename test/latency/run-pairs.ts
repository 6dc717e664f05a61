/**
 * Measures pairs on a machine that has no test runner, and prints them as one line of JSON.
 * Usage: node run-pairs.js Balloon|Reclaim COUNT
 */
import type {PressingMethod} from '../../src/domain/plan.ts';
import {inScope} from '../agent/cgroups.ts';
import {measurePair, type Pair, startBystander} from './pairs.ts';

const [method, count] = process.argv.slice(2);
const pairs = await inScope(async scope => {
  const bystander = await startBystander(scope);
  const measured: Pair[] = [];
  while (measured.length < Number(count))
    measured.push(await measurePair(bystander, method as PressingMethod));
  return measured;
});
process.stdout.write(`${JSON.stringify(pairs)}\n`);
