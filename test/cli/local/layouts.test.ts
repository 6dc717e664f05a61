import {existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {findHierarchy} from '../../../src/agent/cgroup-tree.ts';
import {buildPrograms, removeCgroups, startWorkload, type TestTarget} from '../../agent/cgroups.ts';
import {noteState} from '../../agent/unharmed.ts';
import {buildClient, run} from './client.ts';

const MIB = 1024 * 1024;
const {version, root} = findHierarchy('/sys/fs/cgroup');
const ID = `${'0123456789abcdef'.repeat(3)}${process.pid.toString(16).padStart(16, '0')}`;

/** Where service managers and container engines put what they start, from the root of the hierarchy. */
const LAYOUTS: Record<string, string> = {
  'a systemd service': `system.slice/memoryprobe-test-${process.pid}.service`,
  'a Docker container with the cgroupfs driver': `docker/${ID}`,
  'a Docker container with the systemd driver': `system.slice/docker-${ID}.scope`,
};
/** There for everybody: made where they are missing, and removed only where they are empty. */
const SHARED = [...new Set(Object.values(LAYOUTS).map(place => path.join(root, path.dirname(place))))];
const made = SHARED.filter(directory => !existsSync(directory));

const enableMemory = (directory: string): void => {
  if (version === 2 && !readFileSync(path.join(directory, 'cgroup.controllers'), 'latin1').includes('memory'))
    throw new Error(`${directory} has no memory controller`);
  if (version === 2) writeFileSync(path.join(directory, 'cgroup.subtree_control'), '+memory');
};

test.before(() => {
  buildPrograms();
  buildClient();
  for (const directory of made) mkdirSync(directory, {recursive: true});
  for (const directory of [root, ...SHARED]) enableMemory(directory);
});

test.after.always(() => {
  for (const directory of made) rmdirSync(directory);
});

/** A process in that place, and a neighbour beside it, whom nobody may press. */
const startIn = async (t: ExecutionContext, place: string): Promise<TestTarget> => {
  const container = path.join(root, place);
  const neighbour = `${container}-neighbour`;
  for (const directory of [container, neighbour]) {
    mkdirSync(directory);
    t.teardown(() => removeCgroups(directory));
  }
  await startWorkload(neighbour, ['held-idle', '--held=4Mi']);
  const workload = await startWorkload(container, ['lazily-freed', '--freed=40Mi', '--held=12Mi']);
  return {version, root, pod: container, container, ...workload};
};

for (const [what, place] of Object.entries(LAYOUTS))
  test(`${what} is found by its process, and squeezed by its cgroup`, async t => {
    const target = await startIn(t, place);
    const checkUnharmed = noteState(t, target);
    const found = await run(['--pid', String(target.pid), '--method', 'Observe', '-o', 'json']);
    t.is(found.code, 2, found.stderr);
    const {reason, target: named, evidence} = JSON.parse(found.stdout);
    t.is(reason, 'ObservedOnly');
    t.is(named.container, `cgroup ${target.container}`);
    t.true(Math.abs(evidence.lazyFreeBytes.min - 40 * MIB) <= MIB);

    const squeezed = await run(['--cgroup', target.container, '--hold-seconds', '1', '-o', 'json']);
    t.is(squeezed.code, 0, squeezed.stderr);
    const status = JSON.parse(squeezed.stdout);
    t.like(status, {verdict: 'Reclaimable', reason: 'ReclaimedUnderPressure', target: named});
    t.true(Math.abs(status.evidence.reclaimedBytes - 40 * MIB) <= MIB);
    checkUnharmed();
  });
