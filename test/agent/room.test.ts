import {writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {buildCase, judge} from '../../src/domain/judge.ts';
import {settingsFor, startAgent} from './agent.ts';
import {buildPrograms, LIMIT_FILES, readUsage, startTarget} from './cgroups.ts';
import {noteState} from './unharmed.ts';

const MIB = 1024 * 1024;

test.before(buildPrograms);

for (const method of ['Balloon', 'Reclaim'] as const) {
  test(`${method}: nothing enters a pod at its limit in which nothing can be taken: its first page could kill the target`, async t => {
    const target = await startTarget(t, ['held-idle', '--held=60Mi']);
    const limit = path.join(target.pod, LIMIT_FILES[target.version].at(-1) ?? '');
    writeFileSync(limit, String(readUsage(target) + MIB / 2));
    const checkUnharmed = noteState(t, target);
    const {report, lines} = await startAgent(t, target, {pressure: {method}}).end();
    checkUnharmed();
    if (report === undefined) throw new Error('there is no report');
    const {reason, message} = judge(buildCase(settingsFor({pressure: {method}}), report));
    t.is(reason, 'GuardTripped');
    t.regex(message, /headroom/);
    t.is(report.evidence.steps, undefined);
    t.true((report.evidence.baselineBytes ?? 0) > 59 * MIB);
    t.false(lines.some(({type}) => type === 'step'));
  });
}
