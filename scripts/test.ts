/**
 * Runs the suites one after the other, each with what it needs started and stopped, and ends with one line:
 * `N passed, N failed`. Usage: node scripts/test.ts SUITE...
 */
import {spawn} from 'node:child_process';
import path from 'node:path';
import {createInterface} from 'node:readline';

const ROOT = path.resolve(import.meta.dirname, '..');

type Suite = {
  title: string;
  /** Arguments of ava. */
  ava: string[];
  /** Commands before, each a list of words. */
  setUp: string[][];
  /** Commands after, run whatever happened. */
  tearDown: string[][];
};

const SUITES: Record<string, Suite> = {
  unit: {
    title: 'this machine: pure functions, real cgroups',
    ava: [],
    // Debian's packages come one after the other here: two tests that ask for some at once are in each other's way.
    setUp: [
      ['make', '--no-print-directory', 'cluster-build', 'release-tools'],
      ['bash', 'test/monitoring/build/prometheus.sh'],
    ],
    tearDown: [],
  },
  api: {
    title: 'operator, client and chart against a real API server',
    ava: ['--config', 'test/cluster/api.config.js'],
    setUp: [],
    tearDown: [],
  },
  guest: {
    title:
      'what takes the whole machine, then balloon, agent and traps in a throw-away guest kernel with cgroup v2',
    ava: ['--config', 'test/cluster/guest.config.js'],
    setUp: [],
    tearDown: [],
  },
  runtimes: {
    title: 'real runtimes as targets, natively and in a guest kernel with cgroup v2',
    ava: ['--config', 'test/runtimes/ava.config.js'],
    setUp: [['make', '--no-print-directory', 'runtimes-build']],
    tearDown: [],
  },
  kernels: {
    title: 'the agent alone on 6.1, 6.12, a guest kernel and this one: is every verdict right?',
    ava: ['--config', 'test/kernels/ava.config.js'],
    setUp: [['make', '--no-print-directory', 'kernels-build', 'kernels-root']],
    tearDown: [],
  },
  'rounds-few': {
    title: 'a few leaks under a sawtooth over 12 rounds, and what only looks like one',
    ava: ['--config', 'test/rounds/few.config.js'],
    setUp: [],
    tearDown: [],
  },
  rounds: {
    title: 'leaks under a sawtooth over 12 rounds, and what only looks like one: how many?',
    ava: ['--config', 'test/rounds/rounds.config.js'],
    setUp: [],
    tearDown: [],
  },
  lifecycle: {
    title: 'the embedded cluster starts, breaks and goes without a trace',
    ava: ['--config', 'test/cluster/lifecycle.config.js'],
    setUp: [],
    tearDown: [],
  },
  cluster: {
    title: 'the real cluster: a native node and a guest node with cgroup v2',
    ava: ['--config', 'test/cluster/ava.config.js'],
    setUp: [
      ['make', '--no-print-directory', 'cluster-up', 'NODES=native guest'],
      ['make', '--no-print-directory', 'deploy', 'SET=nodeScope.allowed=true'],
    ],
    tearDown: [['make', '--no-print-directory', 'cluster-down']],
  },
};

/** `failures` has an entry for each failed test, of the lines that ava printed: who reads only the end must see why. */
type Count = {passed: number; failed: number; failures: string[][]};

const run = async (words: string[]): Promise<void> => {
  const [command = '', ...rest] = words;
  const child = spawn(command, rest, {cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit']});
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${words.join(' ')} ended with code ${code}`);
};

/** A test ended: `ok 3 - title` or `not ok 4 - title`; a skipped one is counted by its directive. */
const countLine = (line: string, count: Count): void => {
  const skipped = /# SKIP/.test(line);
  if (/^not ok /.test(line) || (skipped && process.env.CI === 'true')) {
    count.failed += 1;
    count.failures.push([line]);
  } else if (/^ok /.test(line) && !skipped) count.passed += 1;
};

const runAva = async ({ava}: Suite, count: Count): Promise<void> => {
  const child = spawn('ava', ['--tap', ...ava], {cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit']});
  const exit = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  let sinceMilliseconds = Date.now();
  let failing = false;
  for await (const line of createInterface({input: child.stdout})) {
    console.log(line);
    countLine(line, count);
    const ended = /^(not )?ok /.test(line);
    if (ended) failing = line.startsWith('not');
    else if (failing) count.failures.at(-1)?.push(line);
    if (!ended) continue;
    tellTime(Date.now() - sinceMilliseconds);
    sinceMilliseconds = Date.now();
  }
  const code = await exit;
  // ava fails as a whole on an uncaught exception or when it found no test: that is a failure even if none was named.
  if (code === 0 || count.failed > 0) return;
  count.failed = 1;
  count.failures.push([`# ava ended with code ${code} though no test failed`]);
};

const SLOW_SECONDS = 10;

/** Who waits wants to know for what. */
const tellTime = (milliseconds: number): void => {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds >= SLOW_SECONDS) console.log(`# ${seconds} s since the test before`);
};

/** What must succeed around the tests: a failure is told, and counts as one failed test. */
const runAll = async (commands: string[][], count: Count): Promise<void> => {
  try {
    for (const words of commands) await run(words);
  } catch (error) {
    const line = `# ${error instanceof Error ? error.message : String(error)}`;
    console.log(line);
    count.failed += 1;
    count.failures.push([line]);
  }
};

const runSuite = async (name: string): Promise<Count> => {
  const suite = SUITES[name];
  if (!suite) throw new Error(`no suite "${name}"; there are ${Object.keys(SUITES).join(', ')}`);
  console.log(`# suite ${name}: ${suite.title}`);
  const count: Count = {passed: 0, failed: 0, failures: []};
  await runAll(suite.setUp, count);
  if (count.failed === 0) await runAva(suite, count);
  await runAll(suite.tearDown, count);
  return count;
};

/** Of each failure so many lines: one console of a guest kernel would push all others out of sight. */
const TOLD_LINES = 60;

const tellFailures = (failures: string[][]): void => {
  console.log('# what failed:');
  for (const lines of failures) console.log(lines.slice(0, TOLD_LINES).join('\n'));
  console.log('# what failed, in short:');
  for (const [line = ''] of failures) console.log(line.replace(/^not ok/, '# not ok'));
};

const total: Count = {passed: 0, failed: 0, failures: []};
for (const name of process.argv.slice(2)) {
  const startMilliseconds = Date.now();
  const {passed, failed, failures} = await runSuite(name);
  total.passed += passed;
  total.failed += failed;
  total.failures.push(...failures);
  const seconds = Math.round((Date.now() - startMilliseconds) / 1000);
  console.log(`# suite ${name}: ${passed} passed, ${failed} failed in ${seconds} s`);
}
if (total.failures.length > 0) tellFailures(total.failures);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
