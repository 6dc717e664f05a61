/**
 * Measures pairs on a machine that has no test runner, and prints them as one line of JSON.
 * Usage: node run-pairs.js Balloon|Reclaim COUNT
 */
import type {PressingMethod} from '../../src/domain/plan.ts';
import {measurePairs} from './pairs.ts';

const [method, count] = process.argv.slice(2);
process.stdout.write(`${JSON.stringify(await measurePairs(method as PressingMethod, Number(count)))}\n`);
