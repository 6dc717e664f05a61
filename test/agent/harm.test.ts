import {setTimeout as wait} from 'node:timers/promises';
import test, {type ExecutionContext} from 'ava';
import {startAgent} from './agent.ts';
import {buildPrograms, startTarget, type TestTarget, waitUntil} from './cgroups.ts';
import {noteState} from './unharmed.ts';

test.before(buildPrograms);

const MAX_GAP_MILLISECONDS = 100;

/** Largest gap in milliseconds of what the target printed from `line` on; asks for one more line first. */
const readLargestGap = async (target: TestTarget, line: number): Promise<number> => {
  const seen = target.printed().length;
  process.kill(target.pid, 'SIGUSR1');
  await waitUntil('the gap to be printed', () => target.printed().length > seen);
  const gaps = target
    .printed()
    .slice(line)
    .map(text => Number(/recent-gap-ms=([\d.]+)/.exec(text)?.[1]));
  return Math.max(...gaps);
};

/** A neighbour that no probe is about has the same busy machine; what it does not see either is not the squeeze's doing. */
const startNeighbour = (t: ExecutionContext): Promise<TestTarget> =>
  startTarget(t, ['latency', '--held=4Mi']);

test.serial('a target that touches 4 MiB every 5 ms sees no gap above 100 ms down to the floor', async t => {
  const target = await startTarget(t, ['latency', '--freed=150Mi', '--held=80Mi']);
  const neighbour = await startNeighbour(t);
  const checkUnharmed = noteState(t, target);
  await wait(1000); // the second in which both started is over
  const [from, neighbourFrom] = [target.printed().length + 1, neighbour.printed().length + 1];
  await readLargestGap(target, 0);
  await readLargestGap(neighbour, 0);
  const {report} = await startAgent(t, target).end();
  const gap = await readLargestGap(target, from);
  const neighbourGap = await readLargestGap(neighbour, neighbourFrom);
  const {peakPressurePercent, stopCause, lazyFreedBytes = 0} = report?.evidence ?? {};
  t.log(`largest gap ${gap} ms, the neighbour's ${neighbourGap} ms; peak pressure ${peakPressurePercent} %`);
  t.is(stopCause, 'Exhausted');
  t.true(lazyFreedBytes > 0);
  t.true(gap <= Math.max(MAX_GAP_MILLISECONDS, 2 * neighbourGap));
  checkUnharmed();
});
