import {execFile} from 'node:child_process';
import {readFileSync} from 'node:fs';
import path from 'node:path';
import {promisify} from 'node:util';
import type {ExecutionContext} from 'ava';
import {
  balloonOf,
  IN_USER_MODE,
  LIMIT,
  limitOf,
  MIB,
  makePod,
  type Pod,
  USAGE,
  usageOf,
} from '../balloon/pod.ts';
import {type Balloon, numberOf, startBalloon} from '../balloon/program.ts';

const CROSSING = path.resolve(import.meta.dirname, '../../build/latency/crossing');
/** MiB: what the balloon holds, where its floor lies below what is available, and how far below that the taker goes at most. */
const [HELD, ABOVE, BELOW] = IN_USER_MODE ? [100, 100, 100] : [512, 320, 680];
/** More than everybody here may need until the taker has gone again. */
const KEPT_MIB = IN_USER_MODE ? 200 : 2048;
const TAKEN_MIB_PER_SECOND = 2048;

/** What the balloon does when the floor is crossed. */
export type Doing = 'holding' | 'growing';

/** One crossing of the node's floor, in milliseconds after it, seen from outside. `late`: the longest that the watch itself missed. */
export type Crossing = {doing: Doing; heldBytes: number; restored: number; released: number; late: number};

/** Memory that the machine must have for it. */
export const NEEDED_BYTES = (HELD + ABOVE + BELOW + KEPT_MIB) * MIB;

export const readAvailableBytes = (): number =>
  1024 * Number(/^MemAvailable: +(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]);

/**
 * Somebody takes the node's memory at 2 GiB/s until the balloon is gone. Its floor lies high, so that the machine's real end is
 * far; without --root it goes by MemAvailable alone, as the watch does.
 */
export const makeCrossing = async (t: ExecutionContext, doing: Doing): Promise<Crossing> => {
  const pod = makePod(t);
  const old = limitOf(pod);
  const floor = readAvailableBytes() - (HELD + ABOVE) * MIB;
  const balloon = await startBalloon(t, pod, {
    'cap-bytes': 2 * HELD * MIB,
    'min-node-available-bytes': floor,
    root: undefined,
  });
  await inflate(pod, balloon);
  const seen = promisify(execFile)(CROSSING, [
    String(floor),
    String(TAKEN_MIB_PER_SECOND),
    String(ABOVE + BELOW),
    path.join(balloonOf(pod), USAGE[pod.version]),
    path.join(pod.pod, LIMIT[pod.version]),
    old,
  ]);
  if (doing === 'growing') balloon.send(`inflate bytes=${(HELD + ABOVE / 2) * MIB}`);
  const line = (await seen).stdout.trim();
  balloon.send('quit');
  await balloon.exited;
  const read = (key: string): number => numberOf(line, `${key}-us`) / 1000;
  return {
    doing,
    heldBytes: numberOf(line, 'held'),
    restored: read('restored'),
    released: read('released'),
    late: read('late'),
  };
};

const STEP_MIB = 64;

/** On v2 with a memory.high that presses nobody: it is there to be put back. */
const inflate = async (pod: Pod, balloon: Balloon): Promise<void> => {
  await balloon.ask(pod.version === 2 ? `squeeze high=${usageOf(pod) + 2 * HELD * MIB}` : 'squeeze');
  for (let held = 0; held < HELD; ) {
    held = Math.min(held + STEP_MIB, HELD);
    await balloon.ask(`inflate bytes=${held * MIB}`);
  }
};
