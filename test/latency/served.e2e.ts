import {execFileSync} from 'node:child_process';
import path from 'node:path';
import test from 'ava';
import {buildPrograms} from '../agent/cgroups.ts';
import {IN_USER_MODE} from '../balloon/pod.ts';
import {measurePairs} from './pairs.ts';
import {expectUnharmed} from './ratios.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
/** `make bench` asks for more pairs. */
const PAIRS = Number(process.env.PAIRS ?? (IN_USER_MODE ? 2 : 3));

test.before(() => {
  buildPrograms();
  execFileSync('make', ['--silent', 'latency-programs'], {cwd: ROOT});
});

for (const method of ['Balloon', 'Reclaim'] as const)
  test.serial(
    `a target that serves answers 99 of 100 requests as fast while it is squeezed: method ${method}`,
    t => expectUnharmed(t, () => measurePairs(method, PAIRS)),
  );
