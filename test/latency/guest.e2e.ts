import {execFile} from 'node:child_process';
import path from 'node:path';
import {promisify} from 'node:util';
import test from 'ava';

const ROOT = path.resolve(import.meta.dirname, '../..');
const GUEST = path.join(ROOT, 'test/cluster/guest-run');
const SUITE = 'ava --tap --config test/latency/guest.config.js';

test('the same holds on a kernel with cgroup v2, and of the pressure of a target and of its CPU limit', async t => {
  const programs = 'make --silent balloon balloon-sanitized balloon-fixtures workload latency-programs';
  await promisify(execFile)('sh', ['-c', programs], {cwd: ROOT});
  const guest = promisify(execFile)(GUEST, ['-m', '1G', '-t', '400', SUITE], {cwd: ROOT, maxBuffer: 1 << 24});
  const {stdout} = await guest.catch(({code, stdout, stderr}) => {
    throw new Error(`the guest ended with code ${code}\n${stdout}\n${stderr}`);
  });
  for (const line of stdout.split('\n').filter(text => /^(?:ok |# {3})/.test(text))) t.log(line);
  t.is(stdout.match(/^ok /gm)?.length, 5, stdout);
  t.notRegex(stdout, /^not ok /m);
});
