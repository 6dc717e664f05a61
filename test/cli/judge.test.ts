import test from 'ava';
import * as yaml from 'js-yaml';
import {decodeSpec} from '../../src/api/decode.ts';
import type {ExitCode} from '../../src/cli/exit-code.ts';
import {run} from '../../src/cli/program.ts';
import type {Evidence, Round} from '../../src/domain/evidence.ts';
import {buildCase, judge} from '../../src/domain/judge.ts';
import {encodeLine} from '../../src/domain/record.ts';
import type {Report} from '../../src/domain/report.ts';
import type {Settings} from '../../src/domain/settings.ts';
import {MIB} from '../../src/domain/units.ts';
import {systemClock} from '../../src/lib/clock.ts';
import {makeComplete, makeProbe, RECLAIMED} from '../helpers/made-probes.ts';
import {NO_MACHINE} from '../helpers/no-machine.ts';

const TIME = '2026-01-01T00:00:00.000Z';
const {target: _target, ttlSeconds: _ttl, ...DECODED} = decodeSpec(makeProbe(undefined).spec);
const SETTINGS: Settings = {
  version: 1,
  probe: {namespace: 'shop', name: 'checkout', uid: '5f1c'},
  target: {
    podName: 'checkout',
    podUID: 'u',
    container: 'app',
    containerID: 'containerd://c',
    nodeName: 'node1',
  },
  ...DECODED,
};
const EVIDENCE = {...RECLAIMED, epsilonBytes: MIB / 2, unexplainedBytes: 0, boundaryEvents: 12} as Evidence;
const REPORT: Report = {
  version: 1,
  podUID: 'u',
  containerID: 'containerd://c',
  startTime: '2026-01-01T00:00:00Z',
  endTime: '2026-01-01T00:00:04Z',
  restored: true,
  evidence: EVIDENCE,
};

const START = encodeLine({
  type: 'start',
  time: TIME,
  settings: SETTINGS,
  cgroupVersion: 2,
  kernelVersion: '6.1.0',
  cpus: 2,
  pageSizeBytes: 4096,
});
const END = encodeLine({type: 'report', time: TIME, report: REPORT});

type Outcome = {code: ExitCode; stdout: string; stderr: string};
const judgeText = async (text: string, flags: string[] = []): Promise<Outcome> => {
  const output = {stdout: '', stderr: ''};
  const code = await run('memoryprobe', ['judge', 'any-file', ...flags], {
    version: '1.2.3',
    stdout: printed => {
      output.stdout += printed;
    },
    stderr: printed => {
      output.stderr += printed;
    },
    clock: systemClock,
    readText: async () => text,
    connect: () => {
      throw new Error('judge must not ask a cluster');
    },
    machine: NO_MACHINE,
  });
  return {code, ...output};
};

const verdictOf = ({stdout}: Outcome): object => {
  const {verdict, reason, message, passed} = JSON.parse(stdout);
  return {outcome: verdict, reason, message, passed};
};

test("an agent's record gives the verdict of the rules, and its exit code", async t => {
  const outcome = await judgeText(START + END, ['-o', 'json']);
  t.deepEqual(verdictOf(outcome), judge(buildCase(SETTINGS, REPORT)));
  t.is(outcome.code, 0);
});

test('other lines in between, and a line that was cut, do not matter', async t => {
  const text = `starting\n${START}{"type":"sample","ti\n${END}`;
  t.deepEqual(verdictOf(await judgeText(text, ['-o', 'json'])), judge(buildCase(SETTINGS, REPORT)));
});

test('the last report counts: a long probe writes one after each round', async t => {
  const {failure: _none, ...rest} = REPORT;
  const gone: Report = {...rest, failure: {reason: 'TargetGone', message: 'It went away.'}};
  const outcome = await judgeText(START + END + encodeLine({type: 'report', time: TIME, report: gone}));
  t.is(outcome.code, 2);
  t.regex(outcome.stdout, /Inconclusive \(TargetGone\)/);
});

test('a record that was cut off proves nothing, and says how far it came', async t => {
  const round: Round = {floorBytes: 46 * MIB, reclaimedBytes: 0, stopCause: 'Exhausted', time: TIME};
  const text = START + encodeLine({type: 'round', time: TIME, round}) + END.slice(0, -20);
  const {code, stdout} = await judgeText(text);
  t.is(code, 2);
  t.regex(stdout, /Inconclusive \(ReportMissing\), Passed=Unknown/);
  t.regex(stdout, /did not come to an end \(rounds done:\s+1\)/);
});

test("a MemoryProbe's YAML gives the same verdict as its agent's record", async t => {
  const probe = makeComplete(
    {verdict: 'Reclaimable', reason: 'ReclaimedUnderPressure', message: 'It fell.', passed: 'True'},
    EVIDENCE as typeof RECLAIMED,
  );
  const [fromYaml, fromRecord] = await Promise.all([
    judgeText(yaml.dump(probe), ['-o', 'json']),
    judgeText(START + END, ['-o', 'json']),
  ]);
  t.deepEqual(verdictOf(fromYaml), verdictOf(fromRecord));
});

test('a leak ends with 1', async t => {
  const held = {...EVIDENCE, floorBytes: 346 * MIB, reclaimedBytes: 0, lazyFreedBytes: 0, takeableBytes: 0};
  const probe = makeComplete(
    {verdict: 'Leak', reason: 'AboveExpected', message: 'It stayed.', passed: 'False'},
    held as typeof RECLAIMED,
    {expectedSize: '100Mi'},
  );
  const {code, stdout} = await judgeText(yaml.dump(probe));
  t.is(code, 1);
  t.regex(stdout, /Leak \(AboveExpected\), Passed=False/);
});

const EDITED = makeComplete({verdict: 'Held', reason: 'FloorFlat', message: 'x', passed: 'True'}, {
  ...EVIDENCE,
  floorBytes: '46Mi',
} as unknown as typeof RECLAIMED);

for (const [text, sentence] of [
  [END, /no line of type "start"/],
  [
    `${JSON.stringify({type: 'start', time: TIME, settings: {criteria: {}, rounds: {}}})}\n${END}`,
    /type "start"/,
  ],
  [yaml.dump(EDITED), /status.evidence is none of this version/],
  [yaml.dump(makeProbe(undefined)), /status.verdict is not set/],
  ['kind: Pod\n', /kind is "Pod": give a MemoryProbe/],
  ['a: [', /neither a record of an agent nor YAML/],
  ['', /neither a record of an agent nor YAML: .*empty/],
] as const)
  test(`${JSON.stringify(text.slice(0, 24))} is refused: ${sentence.source}`, async t => {
    const {code, stderr} = await judgeText(text);
    t.is(code, 64);
    t.regex(stderr, sentence);
  });

test('a file that cannot be read is named', async t => {
  let stderr = '';
  const code = await run('memoryprobe', ['judge', 'nowhere'], {
    version: '1',
    stdout: () => undefined,
    stderr: text => {
      stderr += text;
    },
    clock: systemClock,
    readText: async () => {
      throw new Error("ENOENT: no such file or directory, open 'nowhere'");
    },
    connect: () => {
      throw new Error('judge must not ask a cluster');
    },
    machine: NO_MACHINE,
  });
  t.is(code, 64);
  t.regex(stderr, /nowhere/);
});
