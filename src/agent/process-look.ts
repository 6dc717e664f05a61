import {present} from '../domain/present.ts';
import {parseProgram, parseStartSeconds} from '../domain/proc-stat.ts';
import {parseResidentBytes} from '../domain/process-status.ts';
import type {Report} from '../domain/report.ts';
import type {Settings} from '../domain/settings.ts';
import {findHierarchy} from './cgroup-tree.ts';
import {LOOK_MILLISECONDS} from './context.ts';
import {AgentFailure} from './failure.ts';
import type {WalkConfig} from './page-walk.ts';
import {isSame, type Process, readProcFile, sumRollups} from './processes.ts';
import {startReport} from './reporter.ts';
import {readAge} from './target.ts';
import {type Deadline, setDeadline, type World} from './world.ts';

const BASELINE_MILLISECONDS = 1000;

/**
 * Looks at one process that has no cgroup of its own: what it holds and what it freed lazily, by its own pages. Nothing is
 * pressed, so nothing is proven; pages that it shares with a fork count as its own.
 */
export const lookAtProcess = async (settings: Settings, world: World, pid: number): Promise<Report> => {
  const reporter = startReport(settings, world);
  const {procRoot, cgroupRoot} = world.config;
  try {
    const target = findProcess(procRoot, pid);
    const {version: cgroupVersion} = findHierarchy(cgroupRoot);
    const {kernelVersion, cpus, pageSizeBytes} = world.machine;
    const time = world.wallClock().toISOString();
    world.writeLine({type: 'start', time, settings, cgroupVersion, kernelVersion, cpus, pageSizeBytes});
    const deadline = setDeadline(world, settings.guards.deadlineSeconds);
    const baselineBytes = await watchResident(world, deadline, target);
    reporter.note({
      cgroupVersion,
      baselineBytes,
      ...present({
        lazyFreeBytes: readLazyFree(target, world.config),
        targetAgeSeconds: readAge([target], procRoot),
      }),
    });
    return reporter.finish();
  } catch (error) {
    if (error instanceof AgentFailure) return reporter.finish({reason: error.reason, message: error.message});
    throw error;
  }
};

const findProcess = (procRoot: string, pid: number): Process => {
  const stat = readProcFile(procRoot, pid, 'stat') ?? '';
  const startSeconds = parseStartSeconds(stat);
  if (startSeconds === undefined) throw new AgentFailure('TargetGone', `process ${pid} has ended`);
  return {pid, startSeconds, program: parseProgram(stat)};
};

/** The least that it held over a second. */
const watchResident = async (world: World, deadline: Deadline, target: Process): Promise<number> => {
  const {procRoot} = world.config;
  const end = world.monotonicMilliseconds() + BASELINE_MILLISECONDS;
  for (let least = Number.POSITIVE_INFINITY; ; await deadline.pause(LOOK_MILLISECONDS)) {
    const bytes = parseResidentBytes(readProcFile(procRoot, target.pid, 'status') ?? '');
    if (bytes === undefined || !isSame(target, procRoot))
      throw new AgentFailure('TargetGone', `process ${target.pid} has ended`);
    least = Math.min(least, bytes);
    if (world.monotonicMilliseconds() >= end) return least;
  }
};

const readLazyFree = (target: Process, config: WalkConfig): {min: number} | undefined => {
  const bytes = sumRollups([target], config)?.lazyFreeBytes;
  return bytes === undefined ? undefined : {min: bytes};
};
