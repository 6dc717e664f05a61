import test from 'ava';
import {bareContainerID, findContainerCgroup, parseProcessCgroup} from '../../src/domain/cgroup-path.ts';

const ID = '0123456789abcdef'.repeat(4);
const OTHER = 'fedcba9876543210'.repeat(4);
const UID = '1d0ca3f5-8e4b-4d2e-a3a5-0e6a9d8f5c11';
const UID_ = UID.replaceAll('-', '_');
const SLICE = `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${UID_}.slice`;

const finds = test.macro({
  exec: (t, pod: string, name: string) => {
    const noise = [
      pod,
      `${pod}/${name.replace(ID, OTHER)}`,
      '/',
      '/system.slice',
      `/user.slice/${ID.slice(1)}`,
    ];
    t.deepEqual(
      findContainerCgroup([...noise, `${pod}/${name}`, `${pod}/${name}/init.scope`], `containerd://${ID}`),
      {
        container: `${pod}/${name}`,
        pod,
      },
    );
  },
  title: providedTitle => `the container is found: ${providedTitle}`,
});

test('cgroupfs driver', finds, `/kubepods/burstable/pod${UID}`, ID);
test('cgroupfs driver, Guaranteed', finds, `/kubepods/pod${UID}`, ID);
test('systemd driver, containerd', finds, SLICE, `cri-containerd-${ID}.scope`);
test('systemd driver, CRI-O', finds, SLICE, `crio-${ID}.scope`);
test('cgroupfs driver, CRI-O', finds, `/kubepods/besteffort/pod${UID}`, `crio-${ID}`);
test('systemd driver, cri-dockerd', finds, SLICE, `docker-${ID}.scope`);
test(
  'a static pod, whose directory has a hash for a uid',
  finds,
  '/kubepods/burstable/podd4b1f1c9a9c0f3b2a0e5d6c7b8a9f0e1',
  ID,
);
test(
  'a kubelet inside a slice of its own, as in kind',
  finds,
  `/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-besteffort.slice/kubelet-kubepods-besteffort-pod${UID_}.slice`,
  `cri-containerd-${ID}.scope`,
);
test('a mount below which the tree begins', finds, `/sys/fs/cgroup/memory/kubepods/pod${UID}`, ID);

test("CRI-O's monitor is not the container", t => {
  const found = findContainerCgroup(
    [`${SLICE}/crio-conmon-${ID}.scope`, `${SLICE}/crio-${ID}.scope`],
    `cri-o://${ID}`,
  );
  t.is(found?.container, `${SLICE}/crio-${ID}.scope`);
  t.is(findContainerCgroup([`${SLICE}/crio-conmon-${ID}.scope`], `cri-o://${ID}`), undefined);
});

test('the container that has cgroups of its own with the same name inside is the outer one', t => {
  const inner = `${SLICE}/cri-containerd-${ID}.scope/kubepods/pod${UID}/${ID}`;
  t.is(
    findContainerCgroup([inner, `${SLICE}/cri-containerd-${ID}.scope`], ID)?.container,
    `${SLICE}/cri-containerd-${ID}.scope`,
  );
});

test('a directory that lies in no pod is refused: its neighbours would feel the pressure', t => {
  t.is(findContainerCgroup([`/system.slice/docker-${ID}.scope`], ID), undefined);
  t.is(findContainerCgroup([`/docker/${ID}`], ID), undefined);
  t.is(
    findContainerCgroup(
      [`/system.slice/containerd.service/kubepods-pod${UID_}.slice:cri-containerd:${ID}`],
      ID,
    ),
    undefined,
  );
});

test('no id and no directories find nothing', t => {
  t.is(findContainerCgroup([`/kubepods/pod${UID}/`], 'containerd://'), undefined);
  t.is(findContainerCgroup([], ID), undefined);
});

test("the runtime's prefix is no part of the id", t => {
  for (const text of [`containerd://${ID}`, `cri-o://${ID}`, `docker://${ID}`, ID])
    t.is(bareContainerID(text), ID);
});

test("a process's cgroup is the memory controller's where there is one", t => {
  const v1 = '9:name=systemd:/\n5:cpu,cpuacct:/c\n4:memory:/kubepods/burstable/podx/y\n0::/unified\n';
  t.deepEqual(parseProcessCgroup(v1), {version: 1, path: '/kubepods/burstable/podx/y'});
  t.deepEqual(parseProcessCgroup('3:blkio,memory:/a:b\n'), {version: 1, path: '/a:b'});
  t.deepEqual(parseProcessCgroup(`0::${SLICE}/cri-containerd-${ID}.scope\n`), {
    version: 2,
    path: `${SLICE}/cri-containerd-${ID}.scope`,
  });
});

test('a removed cgroup, and a text without the controller, are nothing to press on', t => {
  t.is(parseProcessCgroup('0::/gone (deleted)\n'), undefined);
  t.is(parseProcessCgroup('5:cpu:/\n'), undefined);
  t.is(parseProcessCgroup(''), undefined);
});
