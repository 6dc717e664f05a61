import type {Stop} from '../domain/plan.ts';
import type {Inflation, Trip} from './balloon.ts';
import {AgentFailure} from './failure.ts';
import type {Deadline} from './world.ts';

/** A worker's death is seen a moment before its guardian tells it. */
const NEWS_MILLISECONDS = 300;
const NEWS_STEP_MILLISECONDS = 10;

/** Why a squeeze ends once a guard of the balloon tripped; undefined where none did. Throws where the whole run ends with it. */
export const toStop = (trip: Trip | undefined): Stop | undefined => {
  if (trip === undefined) return undefined;
  const {guard, value} = trip;
  if (guard === 'swap') return {kind: 'stop', cause: 'Swap'};
  if (guard === 'deadline')
    throw new AgentFailure('DeadlineExceeded', 'the balloon reached its deadline and let go');
  if (guard === 'workerDied') throw new AgentFailure('BalloonFailed', `the balloon's worker died (${value})`);
  if (guard !== 'BoundaryChanged') return {kind: 'stop', cause: 'Guard', guard};
  throw value === 'gone'
    ? new AgentFailure('TargetGone', "the pod's cgroup was removed")
    : new AgentFailure(
        'BoundaryChanged',
        `somebody else set the pod's limit to ${value} while it was pressed`,
      );
};

/** Why a step did not come about. Throws where nothing else but a fault explains it. */
export const explainInflation = async (
  findTrip: () => Stop | undefined,
  {outcome, detail, bytes}: Inflation,
  deadline: Deadline,
): Promise<Stop> => {
  if (outcome === 'stalled') return {kind: 'stop', cause: 'Stalled'};
  if (detail === 'EFBIG') return {kind: 'stop', cause: 'Cap'};
  for (let waited = 0; waited < NEWS_MILLISECONDS; waited += NEWS_STEP_MILLISECONDS) {
    const stop = findTrip();
    if (stop !== undefined) return stop;
    await deadline.pause(NEWS_STEP_MILLISECONDS);
  }
  throw new AgentFailure(
    'BalloonFailed',
    `the balloon could not grow beyond ${bytes} bytes: ${detail ?? outcome}`,
  );
};
