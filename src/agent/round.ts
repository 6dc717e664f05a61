import {existsSync} from 'node:fs';
import path from 'node:path';
import {summarizeBaseline} from '../domain/baseline-result.ts';
import {epsilonBytes} from '../domain/epsilon.ts';
import type {Evidence} from '../domain/evidence.ts';
import {present} from '../domain/present.ts';
import {asExpected} from '../domain/rules/expectation.ts';
import type {Sample} from '../domain/sample.ts';
import type {SqueezeResult} from '../domain/squeeze-result.ts';
import {findFloor, summarizeSqueeze} from '../domain/squeeze-result.ts';
import {type Balloon, startBalloon} from './balloon.ts';
import {toBalloonOptions} from './balloon-options.ts';
import {type Baseline, takeBaseline} from './baseline.ts';
import type {Context} from './context.ts';
import {AgentFailure} from './failure.ts';
import {holdFloor} from './hold.ts';
import {squeezeNode} from './node-squeeze.ts';
import {pressedOf} from './pressed.ts';
import {areSame} from './processes.ts';
import {BALLOON_CGROUP} from './restoration.ts';
import {endForLackOfRoom, hasRoomInPod} from './room.ts';
import {squeeze} from './squeeze.ts';
import {toWholeSeconds} from './whole-seconds.ts';

/** Told as soon as it is known whether everything was put back, also where the round itself failed. */
export type OnRestored = (restored: boolean) => void;

/**
 * One round: the lock, baseline, squeeze, release, hold. A balloon lives for one round: between two nothing of ours is in
 * the target's pod, and the lock is held before the baseline, so that nobody else's squeeze is in it.
 */
export const runRound = async (
  context: Context,
  round: number,
  onRestored: OnRestored,
): Promise<SqueezeResult> => {
  if (!hasRoomInPod(context)) return endForLackOfRoom(await observe(context));
  const balloon = await startBalloon(toBalloonOptions(context), onRestored);
  try {
    const baseline = await takeBaseline(context);
    const evidence = describe(context, baseline);
    if (isAsExpected(context, evidence)) return {evidence};
    return await pressAndHold(context, balloon, baseline, round);
  } finally {
    onRestored(await balloon.dispose());
  }
};

/** A look without a balloon: baseline, prediction, composition. Throws Busy where somebody else's squeeze was in it. */
export const observe = async (context: Context): Promise<SqueezeResult> => {
  const {pod} = context.target.cgroup;
  const checkAlone = (): void => {
    if (!existsSync(path.join(pod, BALLOON_CGROUP))) return;
    throw new AgentFailure('Busy', `another balloon holds ${pod}`);
  };
  checkAlone();
  const baseline = await takeBaseline(context);
  checkAlone();
  return {evidence: describe(context, baseline)};
};

const pressAndHold = async (
  context: Context,
  balloon: Balloon,
  baseline: Baseline,
  round: number,
): Promise<SqueezeResult> => {
  const {settings, target, world} = context;
  const before = target.listProcesses();
  const press = settings.pressure.scope === 'Node' ? squeezeNode : squeeze;
  const squeezed = await press(context, balloon, baseline, round);
  await balloon.release();
  const hold = await holdFloor(context);
  target.identity.check();
  const peakPressurePercent = await balloon.peakPressurePercent();
  const {inflatedBytes, ...seen} = squeezed;
  return summarizeSqueeze({
    ...toRecord(context, baseline),
    time: timeOf(world, findFloor(hold)?.sample),
    hold,
    ...seen,
    pageSizeBytes: world.machine.pageSizeBytes,
    processesChanged: !areSame(before, target.listProcesses()),
    ...present({
      inflatedBytes: settings.pressure.method === 'Balloon' ? inflatedBytes : undefined,
      peakPressurePercent,
      ksmRunning: world.machine.ksmRunning,
    }),
  });
};

/** When a look was taken; now where there is none. */
const timeOf = ({wallClock, monotonicMilliseconds}: Context['world'], sample: Sample | undefined): string => {
  const now = monotonicMilliseconds();
  return toWholeSeconds(new Date(wallClock().getTime() - (now - (sample?.timeMilliseconds ?? now))));
};

const toRecord = ({world}: Context, {samples, lazyFreeBytes, hiddenBytes}: Baseline) => ({
  baseline: samples,
  epsilonBytes: epsilonBytes(world.machine.cpus),
  // What is asked for is never to be swapped, so anon is not takeable then.
  time: toWholeSeconds(world.wallClock()),
  ...present({lazyFreeMinBytes: lazyFreeBytes, baselineHiddenBytes: hiddenBytes}),
});

const describe = (context: Context, baseline: Baseline): Evidence =>
  summarizeBaseline({
    ...toRecord(context, baseline),
    pressed: pressedOf(context.settings, baseline.last),
  });

/** Rule 3 decides without a squeeze, so none is made. */
const isAsExpected = ({settings}: Context, evidence: Evidence): boolean =>
  asExpected({
    method: settings.pressure.method,
    criteria: settings.criteria,
    rounds: settings.rounds,
    evidence,
  }) !== undefined;
