import {execFile} from 'node:child_process';
import path from 'node:path';
import {promisify} from 'node:util';
import test from 'ava';
import type {Pair} from '../latency/pairs.ts';
import {expectUnharmed} from '../latency/ratios.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const EMULATED = path.join(ROOT, 'test/kernels/kernel-run');
/** `make bench` asks for more. */
const PAIRS = Number(process.env.PAIRS ?? 3);

const measureOn612 = async (method: string): Promise<Pair[]> => {
  const line = `AGENT_MAIN=/memoryprobe/build/bundle/agent.js node build/kernels/run-pairs.js ${method} ${PAIRS}`;
  const {stdout} = await promisify(execFile)(EMULATED, ['-k', '6.12', '-t', '240', line], {
    cwd: ROOT,
    maxBuffer: 1 << 24,
  });
  return JSON.parse(stdout);
};

// The other guest kernel has one processor, on which target, bystander and probe wait for each other. This one is emulated: what
// the probe takes of the emulator a bystander loses too, and only what the target loses beyond that is an effect of the squeeze.
for (const method of ['Balloon', 'Reclaim'] as const)
  test(`cgroup v2 and two processors: a target answers 99 of 100 requests as fast while it is squeezed, method ${method}`, t =>
    expectUnharmed(t, () => measureOn612(method)));
