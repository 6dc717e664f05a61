import {chmodSync, copyFileSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {buildCase, judge} from '../../src/domain/judge.ts';
import type {Method} from '../../src/domain/settings.ts';
import {securityOf} from '../../src/operator/balloon-security.ts';
import {settingsFor, startAgent, type Wishes} from './agent.ts';
import {buildPrograms, startTarget, type TestTarget, WORKLOAD} from './cgroups.ts';

test.before(buildPrograms);

/** What the pod of such a probe is given. */
const capabilitiesOf = (method: Method): string[] => {
  const {capabilities} = securityOf('balloon', method).container as {capabilities: {add: string[]}};
  return capabilities.add;
};

/** A target of another user's, as most are: root alone could read its own without any right. */
const startForeign = (t: ExecutionContext, options: string[]): Promise<TestTarget> => {
  const directory = mkdtempSync(path.join(tmpdir(), 'foreign-'));
  t.teardown(() => rmSync(directory, {recursive: true}));
  chmodSync(directory, 0o755);
  const program = path.join(directory, 'workload');
  copyFileSync(WORKLOAD, program);
  const asNobody = ['--reuid=65534', '--regid=65534', '--clear-groups', program, ...options];
  return startTarget(t, asNobody, undefined, 'setpriv');
};

const reasonWith = async (
  t: ExecutionContext,
  target: TestTarget,
  wishes: Wishes,
  capabilities: string[],
): Promise<string> => {
  const {report, stderr} = await startAgent(t, target, wishes, {capabilities}).end();
  if (!report) throw new Error(`there is no report: ${stderr}`);
  t.log(capabilities.join(' '), JSON.stringify(report.failure ?? report.evidence));
  t.true(report.restored);
  return report.failure?.reason ?? judge(buildCase(settingsFor(wishes), report)).reason;
};

const without = (capabilities: string[], name: string): string[] =>
  capabilities.filter(capability => capability !== name);

test.serial(
  'to observe takes two rights: to read what processes of another user hold, and not to wait for a CPU meanwhile',
  async t => {
    const target = await startForeign(t, ['lazily-freed', '--freed=40Mi', '--held=20Mi']);
    const wishes: Wishes = {pressure: {method: 'Observe'}};
    t.deepEqual(capabilitiesOf('Observe'), ['SYS_PTRACE', 'SYS_NICE']);
    t.is(await reasonWith(t, target, wishes, capabilitiesOf('Observe')), 'ObservedOnly');
    t.is(await reasonWith(t, target, wishes, []), 'NotPermitted');
  },
);

test.serial('to ask the kernel takes no privileged container', async t => {
  const target = await startForeign(t, ['lazily-freed', '--freed=60Mi', '--held=20Mi']);
  const wishes: Wishes = {pressure: {method: 'Reclaim'}};
  const capabilities = capabilitiesOf('Reclaim');
  t.is(await reasonWith(t, target, wishes, without(capabilities, 'SYS_PTRACE')), 'NotPermitted');
  t.is(await reasonWith(t, target, wishes, capabilities), 'ReclaimedUnderPressure');
});

test.serial('to look for idle memory takes the right to mark pages of another user', async t => {
  const target = await startForeign(t, ['held-idle', '--held=40Mi']);
  const wishes: Wishes = {pressure: {method: 'Reclaim'}, criteria: {idleSeconds: 1}};
  const capabilities = capabilitiesOf('Reclaim');
  t.is(await reasonWith(t, target, wishes, capabilities), 'HeldIdle');
  t.not(await reasonWith(t, target, wishes, without(capabilities, 'DAC_OVERRIDE')), 'HeldIdle');
});
