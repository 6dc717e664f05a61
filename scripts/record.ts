/**
 * Keeps the corpus of recorded runs (test/fixtures/records/README.md). Usage:
 *   record.ts make [NAME...]          runs the recipes on this kernel, in cgroups of their own; needs root
 *   record.ts add FILE NAME ABOUT     takes over an agent's JSON lines, with the verdict that they have now
 */
import {readFileSync} from 'node:fs';
import {argv, exit, stderr} from 'node:process';
import {parseLine, type RecordLine} from '../src/domain/record.ts';
import {startAgent} from '../test/agent/agent.ts';
import {buildPrograms, inScope, startTarget} from '../test/agent/cgroups.ts';
import {judgeText, toMebibytes, writeRecord} from './record/corpus.ts';
import {RECIPES, type Recipe} from './record/recipes.ts';

const run = ({name, workload, wishes, kill, expected}: Recipe): Promise<void> =>
  inScope(async scope => {
    const target = await startTarget(scope, workload);
    const agent = startAgent(scope, target, wishes);
    if (kill !== undefined) {
      await agent.nextLine(line => line.type === 'step');
      if (kill === 'target') target.kill();
      else agent.child.kill('SIGKILL');
    }
    const {lines} = await agent.end();
    writeRecord(
      `${name}-v${target.version}`,
      lines.map(line => forget(line, target.pod)),
      expected,
    );
    console.log(`${name}-v${target.version}: ${lines.length} lines`);
  });

/** The same line without the folder that this machine had for the pod. */
const forget = (line: RecordLine, pod: string): RecordLine =>
  JSON.parse(JSON.stringify(line).replaceAll(pod, '/sys/fs/cgroup/pod'));

const make = async (names: string[]): Promise<void> => {
  buildPrograms();
  for (const recipe of RECIPES) if (names.length === 0 || names.includes(recipe.name)) await run(recipe);
};

const add = (file: string, name: string, about: string): void => {
  const text = readFileSync(file, 'utf8');
  const {case: found, verdict} = judgeText(text);
  const {outcome, reason, passed, message} = verdict;
  const lines = text.split('\n').flatMap(line => parseLine(line) ?? []);
  writeRecord(name, lines, {about, verdict: outcome, reason, passed, mebibytes: toMebibytes(found.evidence)});
  console.log(
    `${name}: ${outcome} (${reason}): ${message}\nIs that true of its target? Then commit both files.`,
  );
};

const [command, ...rest] = argv.slice(2);
const [file, name, about] = rest;
if (command === 'make') await make(rest);
else if (command === 'add' && file && name && about) add(file, name, about);
else {
  stderr.write('usage: record.ts make [NAME...] | record.ts add FILE NAME ABOUT\n');
  exit(64);
}
