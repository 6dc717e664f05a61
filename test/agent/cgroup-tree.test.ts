import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {findContainer, findHierarchy, listBeside, toTarget} from '../../src/agent/cgroup-tree.ts';
import {AgentFailure} from '../../src/agent/failure.ts';

const ID = '4f1d'.repeat(16);
const UID = '0b5f7c1e-1d5c-4c0e-9d64-1f3e8a0f2b11';
const SYSTEMD_UID = UID.replaceAll('-', '_');
const STATIC_UID = '1d2f3a4b5c6d7e8f901a2b3c4d5e6f70';

const makeRoot = (t: ExecutionContext): string => {
  const root = mkdtempSync(path.join(tmpdir(), 'cgroup-tree-'));
  t.teardown(() => rmSync(root, {recursive: true}));
  return root;
};

const makeHierarchy = {
  1: (root: string): string => {
    mkdirSync(path.join(root, 'memory'));
    writeFileSync(path.join(root, 'memory', 'memory.usage_in_bytes'), '4096\n');
    return path.join(root, 'memory');
  },
  2: (root: string): string => {
    writeFileSync(path.join(root, 'cgroup.controllers'), 'cpuset cpu io memory hugetlb pids rdma misc\n');
    return root;
  },
};

const POD = `kubepods-burstable-pod${SYSTEMD_UID}.slice`;
const LAYOUTS = {
  'containerd, cgroupfs, burstable': `kubepods/burstable/pod${UID}/${ID}`,
  'containerd, cgroupfs, guaranteed': `kubepods/pod${UID}/${ID}`,
  'containerd, systemd, burstable': `kubepods.slice/kubepods-burstable.slice/${POD}/cri-containerd-${ID}.scope`,
  'containerd, systemd, guaranteed': `kubepods.slice/kubepods-pod${SYSTEMD_UID}.slice/cri-containerd-${ID}.scope`,
  'CRI-O, systemd': `kubepods.slice/kubepods-burstable.slice/${POD}/crio-${ID}.scope`,
  'CRI-O, cgroupfs': `kubepods/besteffort/pod${UID}/crio-${ID}`,
  'Docker, systemd': `kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod${SYSTEMD_UID}.slice/docker-${ID}.scope`,
  'a static pod, whose cgroup carries a hash': `kubepods/burstable/pod${STATIC_UID}/${ID}`,
  'a node that is a container itself': `docker/${'9e'.repeat(32)}/kubelet/kubepods/burstable/pod${UID}/${ID}`,
};

for (const version of [1, 2] as const) {
  for (const [name, layout] of Object.entries(LAYOUTS)) {
    test(`finds the container and its pod: v${version}, ${name}`, t => {
      const root = makeRoot(t);
      const hierarchy = makeHierarchy[version](root);
      mkdirSync(path.join(hierarchy, 'system.slice', 'containerd.service'), {recursive: true});
      mkdirSync(path.join(hierarchy, path.dirname(layout), 'ee'.repeat(32)), {recursive: true});
      mkdirSync(path.join(hierarchy, layout, 'container'), {recursive: true});
      t.deepEqual(findContainer(findHierarchy(root), `containerd://${ID}`), {
        version,
        root: hierarchy,
        container: path.join(hierarchy, layout),
        pod: path.join(hierarchy, path.dirname(layout)),
      });
    });
  }
}

test("does not take CRI-O's monitor for the container", t => {
  const root = makeRoot(t);
  const pod = path.join(makeHierarchy[2](root), 'kubepods.slice', 'kubepods-burstable.slice', POD);
  mkdirSync(path.join(pod, `crio-conmon-${ID}.scope`), {recursive: true});
  t.throws(() => findContainer(findHierarchy(root), `cri-o://${ID}`), {instanceOf: AgentFailure});
  mkdirSync(path.join(pod, `crio-${ID}.scope`));
  t.is(findContainer(findHierarchy(root), `cri-o://${ID}`).container, path.join(pod, `crio-${ID}.scope`));
});

test('a hybrid machine with memory on v1 is v1, with memory on the unified tree v2', t => {
  const root = makeRoot(t);
  const legacy = makeHierarchy[1](root);
  mkdirSync(path.join(root, 'unified'));
  writeFileSync(path.join(root, 'unified', 'cgroup.controllers'), '\n');
  t.deepEqual(findHierarchy(root), {version: 1, root: legacy});
  writeFileSync(path.join(root, 'unified', 'cgroup.controllers'), 'memory\n');
  t.deepEqual(findHierarchy(root), {version: 2, root: path.join(root, 'unified')});
});

test('a machine without a memory controller is refused with a sentence', t => {
  const error = t.throws(() => findHierarchy(makeRoot(t)), {instanceOf: AgentFailure});
  t.is(error.reason, 'BalloonFailed');
  t.regex(error.message, /no memory controller below .*cgroup-tree-/);
});

test('a container that is nowhere is a target that is gone', t => {
  const root = makeRoot(t);
  mkdirSync(path.join(makeHierarchy[2](root), 'kubepods', `pod${UID}`, 'ab'.repeat(32)), {recursive: true});
  const error = t.throws(() => findContainer(findHierarchy(root), `containerd://${ID}`), {
    instanceOf: AgentFailure,
  });
  t.is(error.reason, 'TargetGone');
  t.true(error.message.includes(ID));
});

test('a container outside a pod has no boundary and is refused', t => {
  const root = makeRoot(t);
  mkdirSync(path.join(makeHierarchy[2](root), 'system.slice', `docker-${ID}.scope`), {recursive: true});
  const error = t.throws(() => findContainer(findHierarchy(root), `docker://${ID}`), {
    instanceOf: AgentFailure,
  });
  t.is(error.reason, 'TargetGone');
  t.regex(error.message, /no cgroup in a pod's/);
});

test('a given cgroup is taken as it stands, its parent is the boundary', t => {
  const root = makeRoot(t);
  const hierarchy = makeHierarchy[2](root);
  const container = path.join(hierarchy, 'mine', 'job');
  mkdirSync(container, {recursive: true});
  t.throws(() => toTarget(findHierarchy(root), container), {message: /no cgroup\.procs/});
  writeFileSync(path.join(container, 'cgroup.procs'), '');
  t.deepEqual(toTarget(findHierarchy(root), container), {
    version: 2,
    root: hierarchy,
    container,
    pod: path.dirname(container),
  });
});

test('beside a container and a pod is everybody else on the node, each once', t => {
  const root = makeRoot(t);
  const [target, balloon] = ['kubepods/burstable/pod1/app', 'kubepods/besteffort/pod2'].map(name =>
    path.join(root, name),
  ) as [string, string];
  const beside = [
    'init.scope',
    'kubepods/besteffort/pod3',
    'kubepods/burstable/pod1/sidecar',
    'kubepods/burstable/pod4',
    'kubepods/pod5',
    'system.slice',
  ].map(name => path.join(root, name));
  for (const directory of [target, balloon, ...beside])
    mkdirSync(path.join(directory, 'inside'), {recursive: true});
  t.deepEqual(listBeside(root, [target, balloon]).sort(), beside);
  t.deepEqual(listBeside(path.join(root, 'gone'), [target]), []);
});
