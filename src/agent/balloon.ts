import {type BalloonLine, numberOf} from './balloon-line.ts';
import {AgentFailure} from './failure.ts';
import {type Guardian, startGuardian} from './guardian.ts';
import {type Boundary, isRestored, repairBoundary} from './restoration.ts';

/** What the balloon is started with; units are in the names, meanings in images/balloon/PROTOCOL.md. */
export type BalloonOptions = {
  binary: string;
  /** `reclaim`: nothing is held, the kernel is asked to take from the target alone. */
  method: 'balloon' | 'reclaim';
  /** Root of the memory hierarchy. */
  root: string;
  boundary: string;
  target: string;
  version: 1 | 2;
  capBytes: number;
  deadlineMilliseconds: number;
  maxPressurePercent: number;
  minNodeAvailableBytes: number;
  stepPatienceMilliseconds: number;
  cpuPercent: number;
  /** The boundary is the balloon's own pod, and the whole node is what is pressed. */
  node: boolean;
};

/** How one step ended, also one that asked the kernel instead of growing; a balloon that `stalled` has let go of everything. */
export type Inflation = {
  outcome: 'inflated' | 'failed' | 'stalled';
  bytes: number;
  milliseconds: number;
  detail?: string;
};

/** A guard that the guardian tripped on its own: it holds nothing any more. */
export type Trip = {guard: string; value: string};

/** A running balloon: a guardian and its worker, whose lock on the boundary is held until `dispose`. */
export type Balloon = {
  measuresPressure: boolean;
  /**
   * Opens a squeeze: v2 writes the temporary `memory.high`. False where that lies below the usage by now. A guard may trip while
   * room is made for it: then `trip` says so, as after a step.
   */
  squeeze: (highBytes?: number) => Promise<boolean>;
  /** Holds so many bytes in all; `limitBytes` is what v1 shrinks the boundary to, for a moment. */
  inflate: (bytes: number, limitBytes?: number) => Promise<Inflation>;
  /** Asks the kernel for so many bytes of the target; `limitBytes` is what v1 shrinks the target to, for a moment. */
  reclaim: (bytes: number, limitBytes?: number) => Promise<Inflation>;
  restore: () => Promise<void>;
  release: () => Promise<void>;
  peakPressurePercent: () => Promise<number | undefined>;
  /** As the guardian's own guard counts it; undefined where it cannot be known. */
  nodeAvailableBytes: () => Promise<number | undefined>;
  trip: () => Trip | undefined;
  /** Puts everything back, whatever is still alive to do it, and reads back: false when something is left. */
  dispose: () => Promise<boolean>;
};

/**
 * Starts the balloon. Throws Busy where another one holds the boundary, else BalloonFailed. A guardian that died at its start
 * without a word may have made its cgroup: that is put right from here, and told whether it could be.
 */
export const startBalloon = async (
  options: BalloonOptions,
  onRestored: (restored: boolean) => void = () => undefined,
): Promise<Balloon> => {
  let trip: Trip | undefined;
  const guardian = startGuardian(options.binary, toArguments(options), ({values}) => {
    trip ??= {guard: values.guard ?? 'unknown', value: values.value ?? ''};
  });
  const boundary: Boundary = {
    directory: options.boundary,
    limitDirectory: options.method === 'reclaim' && options.version === 1 ? options.target : options.boundary,
    version: options.version,
    oldLimit: '',
    writtenBytes: new Set(),
  };
  const first = await guardian.nextLine().catch(async (error: unknown) => {
    onRestored(await restoreFromHere(options.binary, boundary));
    throw error;
  });
  const ready = await checkReady(guardian, first, options.boundary);
  boundary.oldLimit = ready.values.old ?? '';
  // At once, not when somebody asks next: a boundary that is still tight hurts every millisecond.
  const restored = guardian.exited.then(() => restoreFromHere(options.binary, boundary));

  const command = async (text: string, wanted: string[]): Promise<BalloonLine> => {
    const answer = await guardian.ask(text);
    if (wanted.includes(answer.name)) return answer;
    throw refuse(text, answer);
  };
  const press = async (verb: 'inflate' | 'reclaim', bytes: number, limitBytes?: number) => {
    if (limitBytes !== undefined) boundary.writtenBytes.add(limitBytes);
    const limit = limitBytes === undefined ? '' : ` limit=${limitBytes}`;
    const answers = ['inflated', 'reclaimed', 'failed', 'stalled'];
    return toInflation(await command(`${verb} bytes=${bytes}${limit}`, answers));
  };
  return {
    measuresPressure: ready.values.psi === '1',
    squeeze: async highBytes => {
      if (highBytes !== undefined) boundary.writtenBytes.add(highBytes);
      trip = undefined;
      const text = highBytes === undefined ? 'squeeze' : `squeeze high=${highBytes}`;
      const answer = await command(text, ['squeezing', 'failed']);
      if (answer.name === 'squeezing' || trip !== undefined) return true;
      if (answer.values.errno === 'EINVAL') return false;
      throw refuse(text, answer);
    },
    inflate: (bytes, limitBytes) => press('inflate', bytes, limitBytes),
    reclaim: (bytes, limitBytes) => press('reclaim', bytes, limitBytes),
    restore: async () => void (await command('restore', ['restored'])),
    release: async () => void (await command('release', ['released'])),
    peakPressurePercent: async () => numberOf(await command('state', ['state']), 'peak-pressure-percent'),
    nodeAvailableBytes: async () => numberOf(await command('state', ['state']), 'node-available'),
    trip: () => trip,
    dispose: async () => {
      guardian.endInput();
      const patience = setTimeout(guardian.kill, FAREWELL_MILLISECONDS);
      await guardian.exited;
      clearTimeout(patience);
      return restored;
    },
  };
};

/** A guardian that was told to end and did not within so long is killed, and put right from here. */
const FAREWELL_MILLISECONDS = 2000;

/** Where it says why it cannot start, nothing of it is left. */
const checkReady = async (guardian: Guardian, line: BalloonLine, boundary: string): Promise<BalloonLine> => {
  if (line.name === 'ready') return line;
  guardian.kill();
  await guardian.exited;
  if (line.values.code === 'Busy') {
    throw new AgentFailure('Busy', `another balloon holds ${boundary}`);
  }
  if (line.values.code === 'Reclaim') {
    throw new AgentFailure(
      'BalloonFailed',
      'the kernel cannot be asked to reclaim from the target (memory.reclaim, Linux 5.19): use method Balloon',
    );
  }
  throw new AgentFailure('BalloonFailed', `the balloon did not start in ${boundary}: ${toText(line)}`);
};

/** What the guardian left undone is done from here; true when nothing of the balloon is left. */
const restoreFromHere = async (binary: string, boundary: Boundary): Promise<boolean> => {
  if (isRestored(boundary)) return true;
  try {
    await repairBoundary(binary, boundary);
  } catch {
    return isRestored(boundary); // the worker may have done it at the same time; what counts is the state of the world
  }
  return isRestored(boundary);
};

const refuse = (command: string, answer: BalloonLine): AgentFailure =>
  new AgentFailure('BalloonFailed', `the balloon answered "${toText(answer)}" to "${command}"`);

const toInflation = (line: BalloonLine): Inflation => {
  const detail = line.values.errno ?? line.values.shrink ?? line.values.lead ?? line.values.end;
  return {
    outcome: line.name === 'reclaimed' ? 'inflated' : (line.name as Inflation['outcome']),
    bytes: numberOf(line, 'bytes') ?? 0,
    milliseconds: (numberOf(line, 'us') ?? 0) / 1000,
    ...(detail !== undefined && {detail}),
  };
};

const toText = ({name, values}: BalloonLine): string =>
  [name, ...Object.entries(values).map(([key, value]) => `${key}=${value}`)].join(' ');

const toArguments = (options: BalloonOptions): string[] => [
  `--method=${options.method}`,
  `--root=${options.root}`,
  `--boundary=${options.boundary}`,
  `--target=${options.target}`,
  `--version=${options.version}`,
  `--cap-bytes=${options.capBytes}`,
  `--deadline-ms=${options.deadlineMilliseconds}`,
  `--max-pressure-percent=${options.maxPressurePercent}`,
  `--min-node-available-bytes=${options.minNodeAvailableBytes}`,
  `--step-patience-ms=${options.stepPatienceMilliseconds}`,
  `--cpu-percent=${options.cpuPercent}`,
  `--node=${options.node ? 1 : 0}`,
];
