import {existsSync, mkdirSync} from 'node:fs';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {type Balloon, type BalloonOptions, startBalloon} from '../../src/agent/balloon.ts';
import {AgentFailure} from '../../src/agent/failure.ts';
import {writeProgram} from './program.ts';

/** A shell script in the balloon's place, in a folder that is no cgroup. */
const makeOptions = (t: ExecutionContext, script: string): BalloonOptions => {
  const binary = writeProgram(t, `cd "$(dirname "$0")"\n${script}`);
  const folder = path.dirname(binary);
  return {
    binary,
    method: 'balloon',
    root: folder,
    boundary: folder,
    target: folder,
    version: 2,
    capBytes: 1,
    node: false,
    deadlineMilliseconds: 20_000,
    maxPressurePercent: 40,
    minNodeAvailableBytes: 0,
    stepPatienceMilliseconds: 100,
    cpuPercent: 0,
  };
};

/** A guardian that answers every command with the same lines. */
const start = async (t: ExecutionContext, lines: string[]): Promise<Balloon> => {
  const answer = lines.map(line => `echo '${line}'`).join('; ');
  const ready = "echo 'ready guardian=1 worker=2 helper=3 old=max psi=1 reclaim-lead=0'";
  const balloon = await startBalloon(makeOptions(t, `${ready}\nwhile read -r command; do ${answer}; done`));
  t.teardown(async () => void (await balloon.dispose()));
  return balloon;
};

test('a guard that trips while room is made is told as a trip, not as a fault of the balloon', async t => {
  const balloon = await start(t, ['tripped guard=swap value=8192', 'failed bytes=0 errno=ECANCELED']);
  t.true(await balloon.squeeze(4096));
  t.deepEqual(balloon.trip(), {guard: 'swap', value: '8192'});
});

test('a memory.high below the usage is none, and what nobody explains is a fault', async t => {
  const late = await start(t, ['failed bytes=0 errno=EINVAL']);
  t.false(await late.squeeze(4096));
  const broken = await start(t, ['failed bytes=0 errno=EIO']);
  const error = await t.throwsAsync(broken.squeeze(4096), {instanceOf: AgentFailure});
  t.is(error.reason, 'BalloonFailed');
  t.regex(error.message, /errno=EIO/);
});

for (const [repair, isRestored] of [
  ['rmdir memoryprobe', true],
  ['exit 71', false],
] as const)
  test(`a guardian that died at its start is put right, and whether it could be is told: ${repair}`, async t => {
    const script = `if [ "$1" = repair ]; then ${repair}; else mkdir memoryprobe; kill -9 $$; fi`;
    const options = makeOptions(t, script);
    const told: boolean[] = [];
    const error = await t.throwsAsync(
      startBalloon(options, restored => void told.push(restored)),
      {instanceOf: AgentFailure},
    );
    t.is(error.reason, 'BalloonFailed');
    t.deepEqual(told, [isRestored]);
    t.is(existsSync(path.join(options.boundary, 'memoryprobe')), !isRestored);
  });

test('where another one holds the boundary nothing is put right', async t => {
  const script = 'if [ "$1" = repair ]; then touch repaired; else echo error code=Busy; exit 75; fi';
  const options = makeOptions(t, script);
  mkdirSync(path.join(options.boundary, 'memoryprobe'));
  const told: boolean[] = [];
  const error = await t.throwsAsync(
    startBalloon(options, restored => void told.push(restored)),
    {instanceOf: AgentFailure},
  );
  t.is(error.reason, 'Busy');
  t.deepEqual(told, []);
  t.false(existsSync(path.join(options.boundary, 'repaired')));
});
