import {execFileSync} from 'node:child_process';
import {availableParallelism} from 'node:os';
import test from 'ava';
import {buildCase, judge} from '../../src/domain/judge.ts';
import {settingsFor, startAgent} from './agent.ts';
import {buildPrograms, startTarget} from './cgroups.ts';

test.before(buildPrograms);

const WISHES = {criteria: {idleSeconds: 1}};

test('memory of a target that has CPUs to itself is not called idle: what they remember was not flushed', async t => {
  t.true(availableParallelism() > 1);
  const target = await startTarget(t, ['held-idle', '--held=40Mi']);
  const agent = startAgent(t, target, WISHES);
  execFileSync('taskset', ['-cp', '0', String(agent.child.pid)]);
  const {report} = await agent.end();
  if (!report) throw new Error('there is no report');
  t.is(report.evidence?.idleBytes, undefined);
  t.is(judge(buildCase(settingsFor(WISHES), report)).reason, 'NotExamined');
});
