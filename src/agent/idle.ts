import {heldBytes} from '../domain/sample.ts';
import type {SmapsSums} from '../domain/smaps.ts';
import {GIB} from '../domain/units.ts';
import {type Context, waitBeside} from './context.ts';
import {clearReferenced, flushTranslations} from './page-walk.ts';
import {listAllowedCpus, sumAnonymous, sumRollups} from './processes.ts';

/** Larger processes are not looked at: the walk holds their mmap lock, and with it every page fault. */
const MAX_RESIDENT_BYTES = 4 * GIB;
/** Half of the longest gap that a target may see (100 ms): a busy machine makes a walk of 10 ms one of 30. */
const MAX_WALK_MILLISECONDS = 50;

/**
 * Held memory that was not touched for `idleSeconds`, in bytes. Undefined where it was not examined: a process too large, a
 * walk too slow, CPUs of its own, too little time before the deadline, or numbers that this kernel does not give.
 */
export const lookForIdle = async (context: Context): Promise<number | undefined> => {
  const {settings, target, deadline} = context;
  const idleMilliseconds = settings.criteria.idleSeconds * 1000;
  if (deadline.remainingMilliseconds() < idleMilliseconds + MAX_WALK_MILLISECONDS) return undefined;
  if (!clearReferences(context) || !forgetTranslations(context)) return undefined;
  await waitBeside(context, idleMilliseconds);
  return countIdle(context, sumAnonymous(target.listProcesses(), context.world.config));
};

/** False as soon as a process is too large or its walk took too long: those after it are spared. */
const clearReferences = ({world: {config}, target}: Context): boolean =>
  target.listProcesses().every(process => {
    const resident = sumRollups([process], config)?.rssBytes;
    if (resident === undefined || resident > MAX_RESIDENT_BYTES) return false;
    const walkMilliseconds = clearReferenced(config, process.pid);
    return walkMilliseconds !== undefined && walkMilliseconds <= MAX_WALK_MILLISECONDS;
  });

/** False where the target may run on CPUs that the agent may not: they would go on using its pages unseen. */
const forgetTranslations = ({world: {config}, target}: Context): boolean => {
  const flushed = flushTranslations(config);
  const isFlushed = (cpu: number): boolean => flushed.has(cpu);
  return target.listProcesses().every(({pid}) => listAllowedCpus(pid, config.procRoot)?.every(isFlushed));
};

/**
 * What is held without what was touched, counted by the cgroup and by the mappings; the lesser of the two, since pages
 * that a fork shares count twice in the mappings. Lazily freed pages are neither held nor idle.
 */
const countIdle = ({target}: Context, sums: SmapsSums | undefined): number | undefined => {
  const {anonymousBytes, lazyFreeBytes, referencedBytes, swapBytes = 0} = sums ?? {};
  const held = heldBytes(target.look().target);
  if (anonymousBytes === undefined || lazyFreeBytes === undefined) return undefined;
  if (referencedBytes === undefined || held === undefined) return undefined;
  const byCgroup = held - lazyFreeBytes - referencedBytes;
  const byMappings = anonymousBytes + swapBytes - lazyFreeBytes - referencedBytes;
  return Math.max(0, Math.min(byCgroup, byMappings));
};
