import {execFileSync} from 'node:child_process';
import {readdirSync} from 'node:fs';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {SWAP_ON} from '../agent/guest-swap.ts';
import {type GuestRun, makeLanes, runInGuest} from './guest.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
/** A guest has one processor, and this machine at least two. */
const inLane = makeLanes(2);

/** `least` is how many tests there have to be, `files` whose tests must be among them: a suite that found none proves nothing. */
type Suite = Omit<GuestRun, 'lines'> & {title: string; run: string; least: number; files?: string[]};

/** See test/balloon/guest.config.js for the flag, which the processes of the tests need as well. */
const AVA = 'node --single-threaded node_modules/.bin/ava --tap';

const ASKED = ['takes back*', 'held memory*', 'a target under*'].map(title => `--match='${title}'`).join(' ');

/** The tests themselves look which version they are on: what holds on v1 has to hold on v2. */
const runFile = (file: string): string =>
  `${AVA} --serial --timeout=2m --node-arguments=--single-threaded ${file}`;

const BALLOON = 'test/balloon';
/** What measures how long something takes; the rest of the balloon's tests is shared out among two guests. */
const MEASURING = ['death.test.ts', 'wall.guest.ts'];
const OTHERS = readdirSync(path.join(ROOT, BALLOON)).filter(
  name => /\.(test|guest)\.ts$/.test(name) && !MEASURING.includes(name),
);
const ofBalloon = (names: string[]): Suite => ({
  title: `in a real kernel with cgroup v2 every test of the balloon's ${names.join(', ')} passes`,
  run: `${AVA} --config ${BALLOON}/guest.config.js ${names.map(name => `${BALLOON}/${name}`).join(' ')}`,
  memory: '2G',
  seconds: 540,
  least: 2 * names.length,
  files: names.map(name => name.replace(/\.(test\.)?ts$/, '')),
});
const inFile = (file: string, least: number): Suite => ({
  title: `${file} holds on a kernel with cgroup v2`,
  run: runFile(file),
  memory: '2G',
  seconds: 400,
  least,
});

/** The longest first, so that the lanes end together. */
const SUITES: Suite[] = [
  {
    title: 'every trap holds on a kernel with cgroup v2, and those of swap and protection',
    run: `${AVA} --config test/traps/guest.config.js`,
    memory: '2G',
    seconds: 540,
    least: 5,
    files: ['kinds', 'movement', 'limits', 'swap', 'protection'],
  },
  ...[0, 1].map(half => ofBalloon(OTHERS.filter((_, index) => index % 2 === half))),
  inFile('test/agent/run.test.ts', 12),
  inFile('test/agent/faults.test.ts', 14),
  inFile('test/agent/reclaim.test.ts', 12),
  inFile('test/agent/capabilities.test.ts', 3),
  inFile('test/cli/local/run.test.ts', 9),
  inFile('test/cli/local/layouts.test.ts', 3),
  inFile('test/agent/soak.test.ts test/agent/soak/world.test.ts', 3),
  inFile('test/agent/balloon.test.ts', 6),
  inFile('test/agent/room.test.ts', 2),
  {
    title: 'a whole node of 1 GiB is squeezed, with swap and without, and nobody on it is killed',
    run: `${AVA} --config test/agent/guest.config.js`,
    memory: '1G',
    seconds: 400,
    least: 11,
    files: ['node', 'node-swap'],
  },
  {
    title: 'a kernel that is asked takes as much where there is swap, and swaps nothing',
    run: `${SWAP_ON} && ${runFile('test/agent/reclaim.test.ts')} ${ASKED}`,
    memory: '2G',
    seconds: 200,
    least: 3,
  },
];

test.before(() => {
  execFileSync(
    'make',
    ['--silent', 'balloon', 'balloon-fixtures', 'balloon-sanitized', 'workload', 'cli', 'trap'],
    {cwd: ROOT},
  );
});

const checkSuite = async (t: ExecutionContext, {run, memory, seconds, least, files = []}: Suite) => {
  const lines = [
    'test "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs',
    'test -f /sys/fs/cgroup/cgroup.controllers',
    run,
  ];
  const tap = await runInGuest({lines, memory, seconds});
  const passed = tap.match(/^ok .*$/gm) ?? [];
  t.true(passed.length >= least, tap);
  for (const file of files)
    t.true(
      passed.some(line => line.includes(`- ${file}`)),
      `${file} ran`,
    );
};

/** They measure gaps: each runs before all the others, by itself. */
const MEASURED: Suite[] = [inFile('test/agent/harm.test.ts', 1), ofBalloon(MEASURING)];

for (const suite of MEASURED) test.serial(suite.title, async t => await checkSuite(t, suite));

for (const suite of SUITES)
  test(suite.title, async t => {
    t.timeout(20 * 60_000, 'the lanes before it are waited for too');
    await inLane(async () => await checkSuite(t, suite));
  });
