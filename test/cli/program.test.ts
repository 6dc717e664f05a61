import {readFileSync} from 'node:fs';
import test from 'ava';
import type {Cluster} from '../../src/cli/cluster.ts';
import {EXIT, type ExitCode} from '../../src/cli/exit-code.ts';
import {run} from '../../src/cli/program.ts';
import {ApiFault} from '../../src/kube/faults.ts';
import type {MemoryProbe} from '../../src/kube/types.ts';
import {systemClock} from '../../src/lib/clock.ts';
import {makeComplete, makeProbe, RECLAIMED} from '../helpers/made-probes.ts';
import {NO_MACHINE} from '../helpers/no-machine.ts';

type Outcome = {code: ExitCode; stdout: string; stderr: string};

/** A cluster with one probe, which passes through these states: the real one cannot be made to fail on demand. */
const fakeCluster = (states: readonly (MemoryProbe | undefined)[]): Cluster => ({
  namespace: 'shop',
  get: async ({namespace, name}) => {
    const [first] = states;
    if (first && namespace === 'shop' && name === 'checkout') return first;
    throw new ApiFault('NotFound', `GET ${namespace}/${name}: 404 memoryprobes "${name}" not found`, {
      status: 404,
    });
  },
  follow: async (_, look, signal) => {
    for (const state of states) if (!signal.aborted) look(state);
    if (!signal.aborted)
      await new Promise(resolve => signal.addEventListener('abort', resolve, {once: true}));
  },
  close: async () => undefined,
});

const call = async (args: string[], cluster = fakeCluster([])): Promise<Outcome> => {
  const output = {stdout: '', stderr: ''};
  const code = await run('memoryprobe', args, {
    version: '1.2.3',
    stdout: text => {
      output.stdout += text;
    },
    stderr: text => {
      output.stderr += text;
    },
    clock: systemClock,
    readText: async file => readFileSync(file, 'utf8'),
    connect: () => cluster,
    machine: NO_MACHINE,
  });
  return {code, ...output};
};

const RECLAIMABLE = makeComplete(
  {verdict: 'Reclaimable', reason: 'ReclaimedUnderPressure', message: 'It fell.', passed: 'True'},
  RECLAIMED,
);
const LEAK = makeComplete(
  {verdict: 'Leak', reason: 'AboveExpected', message: 'It stayed.', passed: 'False'},
  RECLAIMED,
);
const HELD = makeComplete(
  {verdict: 'Held', reason: 'HeldIdle', message: 'Idle.', passed: 'Unknown'},
  RECLAIMED,
);
const RUNNING = makeProbe({phase: 'Running', conditions: []});

for (const [name, probe, code] of [
  ['Reclaimable', RECLAIMABLE, EXIT.passed],
  ['Leak', LEAK, EXIT.leak],
  ['Held', HELD, EXIT.notProven],
] as const)
  test(`wait ends with ${code} for ${name}, and says why in one line`, async t => {
    const {code: found, stdout} = await call(['wait', 'checkout'], fakeCluster([RUNNING, probe]));
    t.is(found, code);
    t.is(stdout, `shop/checkout: ${name} (${probe.status?.reason}): ${probe.status?.message}\n`);
  });

test('wait ends with 3 when the time is over', async t => {
  const {code, stderr} = await call(['wait', 'checkout', '--timeout', '1s'], fakeCluster([RUNNING]));
  t.is(code, EXIT.notComplete);
  t.regex(stderr, /shop\/checkout was not complete after 1s/);
});

test('wait ends with 3 when the probe is deleted meanwhile', async t => {
  const {code, stderr} = await call(['wait', 'checkout'], fakeCluster([RUNNING, undefined]));
  t.is(code, EXIT.notComplete);
  t.regex(stderr, /was deleted before it was complete/);
});

test('wait ends with 3 at once when there is no such probe', async t => {
  const {code, stderr} = await call(['wait', 'elsewhere'], fakeCluster([RUNNING]));
  t.is(code, EXIT.notComplete);
  t.regex(stderr, /"elsewhere" not found/);
});

test('the namespace is the flag, else that of the context', async t => {
  const {stderr} = await call(['wait', 'checkout', '-n', 'other'], fakeCluster([RUNNING]));
  t.regex(stderr, /GET other\/checkout/);
});

test('explain ends with 0 whatever the verdict is: it was asked to explain', async t => {
  const {code, stdout} = await call(['explain', 'checkout'], fakeCluster([LEAK]));
  t.is(code, EXIT.passed);
  t.regex(stdout, /verdict {2}Leak \(AboveExpected\), Passed=False/);
});

test('explain -o json has the verdict, the exit code and the evidence as it was measured', async t => {
  const {stdout} = await call(['explain', 'checkout', '-o', 'json'], fakeCluster([RECLAIMABLE]));
  const value = JSON.parse(stdout);
  t.like(value, {namespace: 'shop', name: 'checkout', verdict: 'Reclaimable', passed: 'True', exitCode: 0});
  t.deepEqual(value.evidence, RECLAIMED);
});

for (const args of [
  [],
  ['explode'],
  ['explain'],
  ['explain', 'checkout', '-o', 'xml'],
  ['wait', 'checkout', '--timeout', 'soon'],
  ['wait', 'checkout', '--until', 'noon'],
])
  test(`\`${['memoryprobe', ...args].join(' ')}\` is a usage error`, async t => {
    const {code, stderr} = await call(args, fakeCluster([RUNNING]));
    t.is(code, EXIT.usage);
    t.not(stderr, '');
  });

test('a wrong duration is named, with what to do', async t => {
  const {stderr} = await call(['wait', 'checkout', '--timeout', 'soon'], fakeCluster([RUNNING]));
  t.is(stderr, 'memoryprobe: --timeout is "soon": give a duration such as 90s, 10m or 1h30m\n');
});

test('--version prints the version and ends with 0', async t => {
  t.deepEqual(await call(['--version']), {code: EXIT.passed, stdout: '1.2.3\n', stderr: ''});
});
