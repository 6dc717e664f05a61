import {type ChildProcess, spawn} from 'node:child_process';
import {createInterface} from 'node:readline';
import {type BalloonLine, parseBalloonLine} from './balloon-line.ts';
import {AgentFailure} from './failure.ts';

/** The guardian as a process that answers lines, each question in its turn, and tells news that nobody asked for. */
export type Guardian = {
  /** Sends a command and gives the answer. Throws BalloonFailed when it died or stays silent. */
  ask: (command: string) => Promise<BalloonLine>;
  /** The first line, which it writes on its own. */
  nextLine: () => Promise<BalloonLine>;
  endInput: () => void;
  kill: () => void;
  /** Settles, with one sentence, when the process is gone. Never rejects. */
  exited: Promise<string>;
};

type Waiter = {resolve: (line: BalloonLine) => void; reject: (error: Error) => void};

/**
 * Silence after which a guardian counts as dead. Above what it waits itself for one step: 10 s for a reclaim that finds nothing
 * (LEAD_PATIENCE_MS), and the growth after it.
 */
const SILENCE_MILLISECONDS = 20_000;
const UNASKED = new Set(['tripped']);

export const startGuardian = (
  binary: string,
  options: string[],
  onNews: (line: BalloonLine) => void,
): Guardian => {
  const child = spawn(binary, options, {stdio: ['pipe', 'pipe', 'pipe']});
  const stderr = collect(child);
  const waiters: Waiter[] = [];
  let grave: string | undefined;

  const kill = (): void => {
    child.kill('SIGKILL');
  };
  const exited = waitForExit(child).then(how => {
    grave = `the balloon's guardian ${how}${stderr() && `: ${stderr()}`}`;
    for (const {reject} of waiters.splice(0)) reject(new AgentFailure('BalloonFailed', grave));
    return grave;
  });
  createInterface({input: child.stdout}).on('line', text => {
    const line = parseBalloonLine(text);
    if (UNASKED.has(line.name)) return onNews(line);
    waiters.shift()?.resolve(line);
  });
  // A write to a guardian that died is answered by its exit, not by EPIPE.
  child.stdin.on('error', () => undefined);

  const nextLine = async (): Promise<BalloonLine> => {
    if (grave !== undefined) throw new AgentFailure('BalloonFailed', grave);
    const {promise, resolve, reject} = Promise.withResolvers<BalloonLine>();
    waiters.push({resolve, reject});
    const silence = setTimeout(kill, SILENCE_MILLISECONDS);
    try {
      return await promise;
    } finally {
      clearTimeout(silence);
    }
  };
  const ask = (command: string): Promise<BalloonLine> => {
    child.stdin.write(`${command}\n`);
    return nextLine();
  };
  return {ask, nextLine, endInput: () => child.stdin.end(), kill, exited};
};

/** What it wrote last is read first: `close` comes after that, unless an orphaned worker holds the pipe open. */
const LAST_WORDS_MILLISECONDS = 100;

const waitForExit = (child: ChildProcess): Promise<string> => {
  const {promise, resolve} = Promise.withResolvers<string>();
  child.once('error', error => resolve(`could not be started: ${error.message}`));
  child.once('exit', (code, signal) => {
    const how = signal ? `was killed by ${signal}` : `exited with ${code}`;
    child.once('close', () => resolve(how));
    setTimeout(() => resolve(how), LAST_WORDS_MILLISECONDS).unref();
  });
  return promise;
};

const collect = (child: ChildProcess): (() => string) => {
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', chunk => {
    text = `${text}${chunk}`.slice(-400);
  });
  return () => text.trim();
};
