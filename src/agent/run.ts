import {buildCase, judge} from '../domain/judge.ts';
import {present} from '../domain/present.ts';
import type {Failure, Report} from '../domain/report.ts';
import type {Settings} from '../domain/settings.ts';
import {messageOf} from '../lib/exit.ts';
import type {Context} from './context.ts';
import {AgentFailure, isRefused} from './failure.ts';
import {lookForIdle} from './idle.ts';
import {readProtectedBytes} from './limits.ts';
import {checkSwapIsSeen} from './node-swap.ts';
import {type Reporter, startReport} from './reporter.ts';
import {observe} from './round.ts';
import {runRounds} from './rounds.ts';
import {findTarget, openTarget, type Target} from './target.ts';
import {setDeadline, type World} from './world.ts';

/** One whole probe of one container. Always gives a report; when it does, nothing of the balloon is left, or it says so. */
export const runProbe = async (settings: Settings, world: World): Promise<Report> => {
  const reporter = startReport(settings, world);
  let target: Target | undefined;
  try {
    target = openTarget(findTarget(world.config, settings.target.containerID), world);
    const deadline = setDeadline(world, settings.guards.deadlineSeconds);
    await examine({settings, world, target, deadline}, reporter);
    return reporter.finish();
  } catch (error) {
    return reporter.finish(await explain(toFailure(error), target, world));
  } finally {
    target?.close();
  }
};

const examine = async (context: Context, reporter: Reporter): Promise<void> => {
  const {settings} = context;
  begin(context, reporter);
  if (settings.pressure.method === 'Observe') return reporter.addRound(await observe(context));
  if (settings.pressure.scope === 'Node') checkSwapIsSeen(context.world);
  await runRounds(context, reporter);
  if (!isIdleDecisive(settings, reporter)) return;
  reporter.note(present({idleBytes: await lookForIdle(context)}));
};

const begin = ({settings, world, target}: Context, reporter: Reporter): void => {
  const {version} = target.cgroup;
  const {cpus, kernelVersion, pageSizeBytes} = world.machine;
  const time = world.wallClock().toISOString();
  world.writeLine({
    type: 'start',
    time,
    settings,
    cgroupVersion: version,
    kernelVersion,
    cpus,
    pageSizeBytes,
  });
  const {usageBytes = Number.POSITIVE_INFINITY} = target.look().target;
  reporter.note({
    cgroupVersion: version,
    ...present({
      targetAgeSeconds: target.ageSeconds,
      protectedBytes: readProtectedBytes(target.cgroup, usageBytes, settings.pressure.scope),
    }),
  });
};

/** Only where no rule before it decides: the look costs the target a walk over its pages, and the user half a minute. */
const isIdleDecisive = (settings: Settings, reporter: Reporter): boolean =>
  settings.criteria.idleSeconds > 0 &&
  judge(buildCase(settings, {evidence: reporter.evidence()})).reason === 'NotExamined';

/** What nobody foresaw is a failure of the balloon too: the verdict says so, and the message says what. */
const toFailure = (error: unknown): AgentFailure => {
  if (error instanceof AgentFailure) return error;
  const message = messageOf(error);
  return isRefused(error)
    ? new AgentFailure('NotPermitted', `the agent may not do what it needs: ${message}`, {cause: error})
    : new AgentFailure('BalloonFailed', `unexpected: ${message}`, {cause: error});
};

/** The kubelet starts a container again about a second after its end. */
const SUCCESSOR_MILLISECONDS = 2000;
const SUCCESSOR_LOOK_MILLISECONDS = 100;

/** A container that is gone may have been started again: that is another story, and worth a short wait. */
const explain = async (failure: AgentFailure, target: Target | undefined, world: World): Promise<Failure> => {
  let explained = failure;
  for (let waited = 0; waited < SUCCESSOR_MILLISECONDS; waited += SUCCESSOR_LOOK_MILLISECONDS) {
    explained = target?.identity.explain(failure) ?? failure;
    if (target === undefined || explained.reason !== 'TargetGone' || world.signal.aborted) break;
    await new Promise(resolve => setTimeout(resolve, SUCCESSOR_LOOK_MILLISECONDS));
  }
  return {reason: explained.reason, message: explained.message};
};
