/**
 * Probes targets over 12 rounds on the kernel that it is on, several at a time, and prints one JSON line for each. Usage:
 * node run-targets.ts FOLDER WIDTH PLANS: FOLDER takes one record a target, PLANS is JSON, as planTargets makes it.
 */
import {mkdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {buildCase, judge} from '../../src/domain/judge.ts';
import {settingsFor, startAgent} from '../agent/agent.ts';
import {inScope, startTarget} from '../agent/cgroups.ts';
import type {Result} from './result.ts';
import {type TargetPlan, wishesFor} from './targets.ts';

const run = (plan: TargetPlan, folder: string): Promise<Result> =>
  inScope(async scope => {
    const startMilliseconds = performance.now();
    const wishes = wishesFor(plan);
    const agent = startAgent(scope, await startTarget(scope, plan.options), wishes);
    const {report, lines, stderr} = await agent.end();
    const record = path.join(folder, `${plan.name.replaceAll(' ', '-')}.jsonl`);
    writeFileSync(record, lines.map(line => `${JSON.stringify(line)}\n`).join(''));
    const seconds = Math.round((performance.now() - startMilliseconds) / 1000);
    return {
      plan,
      ...(report && {verdict: judge(buildCase(settingsFor(wishes), report)), evidence: report.evidence}),
      stderr,
      seconds,
    };
  });

const [folder, width, plans] = process.argv.slice(2);
if (folder === undefined || width === undefined || plans === undefined) {
  process.stderr.write('usage: run-targets.ts FOLDER WIDTH PLANS\n');
  process.exit(64);
}
mkdirSync(folder, {recursive: true});
const left: TargetPlan[] = JSON.parse(plans);
const work = async (): Promise<void> => {
  for (let plan = left.shift(); plan !== undefined; plan = left.shift())
    process.stdout.write(`${JSON.stringify(await run(plan, folder))}\n`);
};
// Where one could not be taken away the others are, before that is told.
const ended = await Promise.allSettled(Array.from({length: Number(width)}, work));
for (const one of ended) if (one.status === 'rejected') throw one.reason;
