import type {Cache} from '../kube/cache.ts';
import {isFault} from '../kube/faults.ts';
import type {Resource} from '../kube/resource.ts';
import type {MemoryProbe, Pod} from '../kube/types.ts';
import type {Clock} from '../lib/clock.ts';
import {sleep} from '../lib/clock.ts';
import {messageOf} from '../lib/exit.ts';
import type {Log} from '../lib/log.ts';
import {TERMINATION_SECONDS} from './balloon-pod.ts';
import {type OwnPods, probeKeyOf, probeUidOf} from './own-pods.ts';

export type SweepOptions = {
  ownPods: OwnPods;
  probeCache: Cache<MemoryProbe>;
  probes: Resource<MemoryProbe>;
  pods: Resource<Pod>;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
};

const SWEEP_MS = 60_000;

/**
 * Deletes pods whose probe is gone: only somebody who took the finalizer off by hand leaves any. At the start and each
 * minute; it reads caches unless there is something to delete.
 */
export const runSweep = async (options: SweepOptions): Promise<void> => {
  while (!options.signal.aborted) {
    await sweep(options);
    await sleep(options.clock, SWEEP_MS, options.signal);
  }
};

const sweep = async (options: SweepOptions): Promise<void> => {
  const {ownPods, probeCache, log} = options;
  const suspects = ownPods.all.filter(
    pod => pod.metadata.deletionTimestamp === undefined && !probeCache.byUid(probeUidOf(pod)),
  );
  for (const pod of suspects)
    await remove(options, pod).catch(thrown =>
      log.warn('orphan not deleted', {pod: pod.metadata.name, error: messageOf(thrown)}),
    );
};

/** The cache may be late: the API server has the last word on whether the probe is gone. */
const remove = async ({probes, pods, log}: SweepOptions, pod: Pod): Promise<void> => {
  const [namespace, name] = probeKeyOf(pod).split('/');
  if (name && (await exists(probes, {namespace, name}, probeUidOf(pod)))) return;
  const {uid, name: podName} = pod.metadata;
  await pods.delete(
    {namespace: pod.metadata.namespace, name: podName},
    {uid, gracePeriodSeconds: TERMINATION_SECONDS},
  );
  log.info('orphan deleted', {pod: podName, probe: probeKeyOf(pod)});
};

const exists = async (
  probes: Resource<MemoryProbe>,
  ref: {namespace: string | undefined; name: string},
  uid: string,
): Promise<boolean> => {
  try {
    return (await probes.get(ref)).metadata.uid === uid;
  } catch (thrown) {
    if (isFault(thrown, 'NotFound')) return false;
    throw thrown;
  }
};
