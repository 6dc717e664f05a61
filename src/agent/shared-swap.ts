import {type OwnSwap, parseOwnSwap} from '../domain/process-status.ts';
import {type Sample, swappedOutBytes} from '../domain/sample.ts';
import {countSharedSwap} from '../domain/shared-swap.ts';
import {type Process, readProcFile} from './processes.ts';
import type {World} from './world.ts';

/** Reading the status of so many processes takes 1 ms; more are not looked at 20 times a second. */
const MAX_PROCESSES = 64;

/**
 * Completes the samples of a target by how much of its swap is shared memory. All or none of them: where the first that has
 * swap cannot be completed none is, and where a later one cannot it takes over what was known last, since a number that comes or
 * goes would look like memory that does.
 */
export const completeSwap = (
  listProcesses: () => Process[],
  {config, machine}: Pick<World, 'config' | 'machine'>,
): ((sample: Sample) => Sample) => {
  let known: number | undefined = 0;
  return sample => {
    const swappedOut = swappedOutBytes(sample);
    if (!swappedOut || known === undefined) return sample;
    const processes = readOwnSwap(listProcesses(), config.procRoot);
    const isFirst = known === 0;
    if (processes) known = countSharedSwap({swappedOutBytes: swappedOut, processes, ...machine});
    else if (isFirst) known = undefined;
    return known ? {...sample, sharedSwapBytes: Math.min(known, swappedOut)} : sample;
  };
};

/** Undefined where one of them cannot be told: a sum that misses somebody would call its memory shared. */
const readOwnSwap = (processes: Process[], procRoot: string): OwnSwap[] | undefined => {
  if (processes.length > MAX_PROCESSES) return undefined;
  const own = processes.map(({pid}) => parseOwnSwap(readProcFile(procRoot, pid, 'status') ?? ''));
  return own.every(swap => swap !== undefined) ? own : undefined;
};
