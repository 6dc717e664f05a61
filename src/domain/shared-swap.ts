import type {OwnSwap} from './process-status.ts';
import type {Bytes} from './units.ts';

/** Pages that a thread counts for itself before its process knows (mm/memory.c, before Linux 6.2). */
const THREAD_PAGES = 64;
/** Since then a CPU does, so many or twice the number of CPUs (lib/percpu_counter.c). */
const LEAST_CPU_PAGES = 32;

/** What is known of a container's swap beside its processes' own. */
export type SwapFacts = {
  swappedOutBytes: Bytes;
  processes: readonly OwnSwap[];
  cpus: number;
  pageSizeBytes: Bytes;
};

/**
 * How much of a container's swap is certainly no process's own: shared memory, tmpfs. A cgroup counts both as one, and only
 * what is a process's own is held as anon is. Never too much: what the processes' counters may be off by is left out.
 */
export const countSharedSwap = ({swappedOutBytes, processes, cpus, pageSizeBytes}: SwapFacts): Bytes => {
  const cpuPages = cpus * Math.max(LEAST_CPU_PAGES, 2 * cpus);
  const ownBytes = processes.map(
    ({bytes, threads}) => bytes + Math.max(cpuPages, threads * THREAD_PAGES) * pageSizeBytes,
  );
  return Math.max(0, swappedOutBytes - ownBytes.reduce((sum, bytes) => sum + bytes, 0));
};
