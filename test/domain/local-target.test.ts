import test from 'ava';
import {findOwnCgroup} from '../../src/domain/cgroup-path.ts';
import {chooseLocalTarget, describeForAgent, type LocalFacts} from '../../src/domain/local-target.ts';
import {parseParentPid} from '../../src/domain/proc-stat.ts';
import {parseResidentBytes} from '../../src/domain/process-status.ts';

const ID = '0123456789abcdef'.repeat(4);
const ROOT = '/sys/fs/cgroup';
const SERVICE: LocalFacts = {
  version: 2,
  root: ROOT,
  cgroup: `${ROOT}/system.slice/nginx.service`,
  pid: 42,
  own: true,
  others: {count: 0, some: []},
  holdsUs: false,
  parentAlone: false,
  canReclaim: true,
};

test('a service is asked for its pages, and its slice is left alone', t => {
  t.deepEqual(chooseLocalTarget(SERVICE, undefined), {
    kind: 'cgroup',
    cgroup: SERVICE.cgroup,
    boundary: SERVICE.cgroup,
    method: 'Reclaim',
  });
});

test('a slice is no boundary for a balloon, even when nobody else is in it', t => {
  const chosen = chooseLocalTarget({...SERVICE, parentAlone: true}, 'Balloon');
  t.true('refused' in chosen && chosen.refused.includes('/system.slice, which is not'));
});

test("a pod's container is pressed like in Kubernetes: by its pod's cgroup", t => {
  const pod = `${ROOT}/kubepods/burstable/pod1d0ca3f5-8e4b-4d2e-a3a5-0e6a9d8f5c11`;
  const facts = {...SERVICE, cgroup: `${pod}/${ID}`};
  for (const method of ['Balloon', 'Reclaim'] as const)
    t.like(chooseLocalTarget(facts, method), {kind: 'cgroup', boundary: pod, method});
});

test('a parent that holds the target alone may hold a balloon', t => {
  const facts = {...SERVICE, cgroup: `${ROOT}/job/worker`, parentAlone: true, canReclaim: false};
  t.like(chooseLocalTarget(facts, undefined), {boundary: `${ROOT}/job`, method: 'Balloon'});
});

test('the root is never a boundary, so an old kernel only observes there', t => {
  const facts = {...SERVICE, cgroup: `${ROOT}/job`, parentAlone: true, canReclaim: false};
  t.like(chooseLocalTarget(facts, undefined), {boundary: facts.cgroup, method: 'Observe'});
  t.true('refused' in chooseLocalTarget(facts, 'Reclaim'));
});

test('a shared cgroup leaves the look at one process, and any pressure is refused', t => {
  const facts = {...SERVICE, own: false, others: {count: 9, some: [{pid: 7, command: 'bash'}]}};
  const chosen = chooseLocalTarget(facts, undefined);
  t.like(chosen, {kind: 'process', pid: 42, method: 'Observe'});
  t.true(
    'note' in chosen && /with 9 other processes \(7 bash, \.\.\.\): nothing is pressed/.test(chosen.note),
  );
  for (const method of ['Balloon', 'Reclaim'] as const)
    t.true('refused' in chooseLocalTarget(facts, method), method);
});

test('the whole machine is no target', t => {
  const {pid: _pid, ...facts} = {...SERVICE, cgroup: ROOT, own: false};
  t.deepEqual(chooseLocalTarget(facts, undefined), {
    refused: `--cgroup is ${ROOT}: that is the whole machine; name the target's own cgroup`,
  });
  t.like(chooseLocalTarget({...facts, pid: 42}, undefined), {kind: 'process'});
});

test('this program does not press itself', t => {
  t.true('refused' in chooseLocalTarget({...SERVICE, holdsUs: true}, undefined));
  t.like(chooseLocalTarget({...SERVICE, holdsUs: true}, 'Observe'), {method: 'Observe'});
});

test('the agent is told a cgroup with its boundary, or a process', t => {
  const chosen = chooseLocalTarget(SERVICE, undefined);
  if ('refused' in chosen) throw new Error(chosen.refused);
  t.deepEqual(describeForAgent(chosen), {TARGET_CGROUP: SERVICE.cgroup, BOUNDARY_CGROUP: SERVICE.cgroup});
  t.deepEqual(describeForAgent({kind: 'process', pid: 42, method: 'Observe', note: ''}), {TARGET_PID: '42'});
});

for (const [directory, own] of [
  ['/system.slice/nginx.service', '/system.slice/nginx.service'],
  [`/docker/${ID}`, `/docker/${ID}`],
  [`/system.slice/docker-${ID}.scope`, `/system.slice/docker-${ID}.scope`],
  [`/machine.slice/libpod-${ID}.scope/container`, `/machine.slice/libpod-${ID}.scope`],
  [`/docker/${ID}/system.slice/cron.service`, `/docker/${ID}/system.slice/cron.service`],
  [
    '/user.slice/user-0.slice/user@0.service/app.slice/a.service',
    '/user.slice/user-0.slice/user@0.service/app.slice/a.service',
  ],
  ['/user.slice/user-0.slice/user@0.service/init.scope', undefined],
  ['/user.slice/user-0.slice/session-3.scope', undefined],
  ['/', undefined],
] as const)
  test(`${directory.replaceAll(ID, 'ID')} is in ${own?.replaceAll(ID, 'ID') ?? 'no cgroup of its own'}`, t => {
    t.is(findOwnCgroup(directory), own);
  });

test("a parent's pid is read behind any command, and memory only where both parts are told", t => {
  t.is(parseParentPid('7 (a) b) S 42 7 7 0'), 42);
  t.is(parseParentPid('7'), undefined);
  t.is(parseResidentBytes('RssAnon:\t    2048 kB\nVmSwap:\t       1 kB\n'), 2049 * 1024);
  t.is(parseResidentBytes('RssAnon:\t    2048 kB\n'), undefined);
});
