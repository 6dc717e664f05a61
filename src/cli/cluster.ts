import {type AccessOptions, createAccess} from '../kube/access.ts';
import {createResource, type Ref} from '../kube/resource.ts';
import {createRest} from '../kube/rest.ts';
import {MEMORY_PROBES, type MemoryProbe} from '../kube/types.ts';
import {runWatch} from '../kube/watch.ts';
import type {Clock} from '../lib/clock.ts';
import type {Log} from '../lib/log.ts';

/** The little that the commands want of a cluster. All reject with ApiFault. */
export type Cluster = {
  /** The namespace of the context. */
  namespace: string | undefined;
  get: (ref: Ref) => Promise<MemoryProbe>;
  /** Calls back with each state of one probe, undefined when it is gone, until the signal is aborted. */
  follow: (ref: Ref, look: (probe: MemoryProbe | undefined) => void, signal: AbortSignal) => Promise<void>;
  close: () => Promise<void>;
};

export type ClusterOptions = Pick<AccessOptions, 'kubeconfig' | 'context'>;
type Means = {clock: Clock; random: () => number; userAgent: string};

/** A watch goes on through faults by itself; a person at a terminal is told by the timeout. */
const SILENT: Log = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
  with: () => SILENT,
};

export const connect = (options: ClusterOptions, {clock, random, userAgent}: Means): Cluster => {
  const access = createAccess(options);
  const rest = createRest({access, userAgent});
  return {
    namespace: access.namespace,
    get: ref => createResource(rest, MEMORY_PROBES).get(ref),
    follow: ({namespace, name}, look, signal) =>
      runWatch({
        rest,
        type: MEMORY_PROBES,
        namespace,
        selection: {fieldSelector: `metadata.name=${name}`},
        sink: {replaced: ([probe]) => look(probe), changed: look, removed: () => look(undefined)},
        clock,
        random,
        log: SILENT,
        signal,
      }),
    close: access.close,
  };
};
