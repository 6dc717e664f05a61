import {type Bytes, KIB, MIB} from './units.ts';

/** What the counters may be off by: updates of up to 64 pages wait on each CPU (memcg_vmstats_needs_flush). */
export const epsilonBytes = (cpus: number): Bytes => 256 * KIB * cpus;

/** Where nothing takeable is left: what is below it is lost in the counters. */
export const computeExhaustedBytes = (epsilonBytes: Bytes): Bytes => Math.max(epsilonBytes, MIB);
