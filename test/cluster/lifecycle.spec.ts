import {execFile} from 'node:child_process';
import {mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {promisify} from 'node:util';
import test from 'ava';
import {kubectl, ROOT, waitFor} from '../helpers/cluster.ts';
import {listPids} from './cgroup.ts';
import {RUN, STATE} from './config.ts';
import {killEverything} from './process.ts';

const execFileAsync = promisify(execFile);
const BOTH = 'NODES=native guest';

const make = (...words: string[]): Promise<{stdout: string; stderr: string}> =>
  execFileAsync('make', words, {cwd: ROOT, maxBuffer: 64 * 1024 * 1024});
const shell = async (line: string): Promise<string> => (await execFileAsync('bash', ['-c', line])).stdout;

/** What a teardown could forget: processes, mounts, cgroups, links, routes, rules and folders at fixed places. */
const LOOKS: Record<string, string> = {
  processes: `ps -eo stat=,args= | grep -E '^[^Z]* .*(${STATE}|${RUN})' | grep -vE 'grep -E|bash -c|flock|make' || true`,
  mounts: 'cut -d" " -f2 /proc/self/mounts | sort',
  cgroups: 'find /sys/fs/cgroup -type d | grep -E "kubepods|memoryprobe-cluster" || true',
  links: 'ls /sys/class/net',
  routes: 'ip route',
  namespaces: 'ls /run/netns 2>/dev/null || true',
  rules: 'iptables-save | grep -v "^#" | sed "s/\\[.*//"; ip6tables-save | grep -v "^#" | sed "s/\\[.*//"',
  forwarding: 'cat /proc/sys/net/ipv4/ip_forward',
  folders: `ls -d ${RUN} /var/lib/{kubelet,cni,containerd}/* /run/containerd/* /run/xtables.lock 2>/dev/null || true`,
  memory: 'ls /dev/shm',
};
const look = async (): Promise<Record<string, string>> =>
  Object.fromEntries(
    await Promise.all(Object.entries(LOOKS).map(async ([name, line]) => [name, await shell(line)])),
  );

const pidOf = (name: string): number =>
  Number(readFileSync(path.join(RUN, 'pids', name), 'utf8').split(' ')[0]);
/** A pod on each node. */
const runPods = async (): Promise<void> => {
  const image = ['--image=localhost/memoryprobe-pause:1', '--image-pull-policy=Never'];
  for (const node of ['node1', 'node2'])
    await kubectl(['run', node, ...image, `--overrides={"spec":{"nodeName":"${node}"}}`]);
  await kubectl(['wait', '--for=condition=Ready', 'pod', '--all', '--timeout=60s']);
};

test.before('no cluster is up', async t => {
  t.deepEqual(listPids(), [], 'run `make cluster-down` first');
  await make('cluster-down');
});
test.afterEach.always(() => make('cluster-down'));

test('down after up with pods leaves nothing behind, and a second down is no error', async t => {
  const before = await look();
  await make('cluster-up', BOTH);
  await runPods();
  const during = await look();
  for (const name of ['processes', 'mounts', 'cgroups', 'links', 'routes', 'folders'])
    t.not(during[name], before[name], `${name} of a running cluster are seen`);
  await make('cluster-down');
  t.deepEqual(await look(), before);
  t.deepEqual(readdirSync(STATE).sort(), ['bin', 'log']);
  await make('cluster-down');
});

test('down leaves nothing behind after any program was killed', async t => {
  const before = await look();
  await make('cluster-up', BOTH);
  await runPods();
  for (const name of readdirSync(path.join(RUN, 'pids'))) process.kill(pidOf(name), 'SIGKILL');
  await make('cluster-down');
  t.deepEqual(await look(), before);
});

test('down leaves nothing behind after an up that was killed at any moment', async t => {
  const before = await look();
  for (const milliseconds of [100, 300, 600, 1000, 2000, 4000]) {
    await t.throwsAsync(
      execFileAsync('node', ['test/cluster/main.ts', 'up'], {
        cwd: ROOT,
        timeout: milliseconds,
        killSignal: 'SIGKILL',
        env: {...process.env, NODES: 'native guest'},
      }),
    );
    await make('cluster-down');
    t.deepEqual(await look(), before, `killed after ${milliseconds} ms`);
  }
});

test('up adds what is missing, and starts again what was killed', async t => {
  await make('cluster-up', 'NODES=native');
  const started = pidOf('kube-apiserver');
  await make('cluster-up', BOTH);
  t.is(pidOf('kube-apiserver'), started);
  for (const name of ['kubelet', 'guest', 'kube-scheduler']) process.kill(pidOf(name), 'SIGKILL');
  await make('cluster-up', BOTH);
  t.is(pidOf('kube-apiserver'), started);
  await runPods();
});

test('up without a native node has the guest alone', async t => {
  await make('cluster-up', 'NODES=guest');
  t.is((await kubectl(['get', 'nodes', '-o', 'name'])).trim(), 'node/node2');
});

/** Another checkout, as far as the cluster needs one. */
const makeCheckout = async (): Promise<string> => {
  const copy = mkdtempSync(path.join(tmpdir(), 'memoryprobe-checkout-'));
  await shell(
    `mkdir ${copy}/test && cp -r ${ROOT}/test/cluster ${copy}/test/ && cp ${ROOT}/package.json ${copy}`,
  );
  return copy;
};

test('a second checkout is told where the cluster lives, and takes nothing away', async t => {
  await make('cluster-up', 'NODES=native');
  const copy = await makeCheckout();
  try {
    for (const command of ['up', 'down']) {
      const error = await t.throwsAsync<Error & {stderr: string}>(
        execFileAsync('node', [`${copy}/test/cluster/main.ts`, command]),
      );
      t.true(error.stderr.includes(`this machine's cluster belongs to ${ROOT}`), error.stderr);
    }
    await waitFor('the node', () => kubectl(['get', 'node', 'node1']));
  } finally {
    rmSync(copy, {recursive: true});
  }
});

test("what a killed cluster of another checkout left is taken away by the next one's up", async t => {
  const before = await look();
  const copy = await makeCheckout();
  try {
    await execFileAsync('node', [`${copy}/test/cluster/main.ts`, 'up']);
    await killEverything();
    await make('cluster-up', BOTH);
    await runPods();
    await make('cluster-down');
    t.deepEqual(await look(), before);
  } finally {
    rmSync(copy, {recursive: true});
  }
});

test('an unknown word in NODES is named', async t => {
  const error = await t.throwsAsync<Error & {stderr: string}>(make('cluster-up', 'NODES=remote'));
  t.regex(error.stderr, /NODES has "remote": only "native" and "guest" are known/);
});
