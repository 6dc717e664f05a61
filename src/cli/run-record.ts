import {parseLine, type RecordLine} from '../domain/record.ts';
import type {Settings} from '../domain/settings.ts';
import {messageOf} from '../lib/exit.ts';
import type {World} from './command.ts';
import type {Agent, OpenFile} from './machine.ts';
import {followProgress, type Progress} from './progress.ts';

export type Run = {
  settings: Settings;
  /** Variables that name the target. */
  target: Record<string, string>;
  record: OpenFile | undefined;
};

/** A terminal's line is written anew at most so often. */
const REDRAW_MILLISECONDS = 100;

/** Runs the agent to its end, or lets it go at a Ctrl-C, and gives its record without the samples. */
export const recordRun = async (world: World, {settings, target, record}: Run): Promise<RecordLine[]> => {
  const {machine, stderr} = world;
  const agent = machine.startAgent(undefined, {MEMORYPROBE_SETTINGS: JSON.stringify(settings), ...target});
  const progress = showProgress(world);
  const cancel = machine.onInterrupt(() => {
    progress.clear();
    stderr('memoryprobe: stopping: everything is let go of and put back\n');
    agent.interrupt();
  });
  const keep = writeUntilFault(record, agent);
  const kept: RecordLine[] = [];
  try {
    for await (const text of agent.lines) {
      keep.write(text);
      const line = parseLine(text);
      if (line === undefined) continue;
      progress.follow(line);
      if (line.type !== 'sample') kept.push(line);
    }
    const {exitCode, stderr: said} = await agent.ended;
    progress.clear();
    if (exitCode !== 0) stderr(`memoryprobe: the agent ended with ${exitCode ?? 'a signal'}: ${said}\n`);
    keep.check();
    return kept;
  } finally {
    cancel();
  }
};

/**
 * A record that cannot be written ends the run, but its lines are read to their end: an agent that nobody reads stands still in
 * its next write, with the target under pressure.
 */
const writeUntilFault = (record: OpenFile | undefined, agent: Agent) => {
  let fault: {error: unknown} | undefined;
  return {
    write: (text: string): void => {
      if (fault) return;
      try {
        record?.write(`${text}\n`);
      } catch (error) {
        fault = {error};
        agent.interrupt();
      }
    },
    /** Throws what kept it from being written. */
    check: (): void => {
      if (fault) throw new Error(`the record could not be written: ${messageOf(fault.error)}`);
    },
  };
};

/** On a terminal one line that is written anew; elsewhere a line for each milestone. */
const showProgress = ({machine: {isTerminal}, clock, stderr}: World) => {
  const next = followProgress();
  let [drawnAt, drawn] = [Number.NEGATIVE_INFINITY, false];
  const draw = (progress: Progress): void => {
    if (!isTerminal) {
      if (progress.milestone) stderr(`${progress.text}\n`);
    } else if (progress.milestone || clock.monotonic() - drawnAt >= REDRAW_MILLISECONDS) {
      stderr(`\r\x1b[K${progress.text}`);
      [drawnAt, drawn] = [clock.monotonic(), true];
    }
  };
  return {
    follow: (line: RecordLine): void => {
      const progress = next(line);
      if (progress) draw(progress);
    },
    clear: (): void => {
      if (drawn) stderr('\r\x1b[K');
      drawn = false;
    },
  };
};
