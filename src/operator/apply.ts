import {API_VERSION, FIELD_MANAGER, FINALIZER, KIND} from '../api/names.ts';
import type {Cache} from '../kube/cache.ts';
import {ApiFault, isFault} from '../kube/faults.ts';
import type {Resource} from '../kube/resource.ts';
import type {MemoryProbe, Pod} from '../kube/types.ts';
import type {Action, Note} from './actions.ts';
import {buildPod, type Component, type PodOrder} from './balloon-pod.ts';
import type {Config} from './config.ts';
import type {Recorder} from './events.ts';
import type {Status} from './status.ts';

export type Hands = {
  config: Config;
  probes: Resource<MemoryProbe>;
  probeCache: Cache<MemoryProbe>;
  pods: Resource<Pod>;
  podCache: Cache<Pod>;
  recorder: Recorder;
  note: Note;
  /** Is told in which words a pod was refused. */
  noteRefusal: (probe: MemoryProbe, component: Component, message: string) => void;
};

/**
 * Makes the writes in order, each from what the one before answered: a probe that somebody else changed meanwhile is a
 * Conflict, and the whole run is made again. A pod is only made for a probe that is known to be as it was seen: a watch may
 * be late, and a name alone does not keep a second balloon pod from a probe whose first has gone. Rejects with ApiFault.
 */
export const apply = async (hands: Hands, probe: MemoryProbe, actions: Action[]): Promise<void> => {
  let current = probe;
  for (const action of actions) {
    if (action.do === 'createPod' && current === probe) await confirm(hands, probe);
    const written = await perform(hands, current, action);
    hands.note(current, action);
    if (!written) continue;
    hands.probeCache.adopt(written, current.metadata.resourceVersion);
    current = written;
  }
};

/** Asks the API server itself. */
const confirm = async ({probes}: Hands, probe: MemoryProbe): Promise<void> => {
  const found = await probes.get(refOf(probe)).catch(thrown => {
    if (isFault(thrown, 'NotFound')) return undefined;
    throw thrown;
  });
  if (found?.metadata.resourceVersion === probe.metadata.resourceVersion) return;
  const {namespace, name} = probe.metadata;
  throw new ApiFault('Conflict', `memoryprobe ${namespace}/${name} is not what the watch has brought`);
};

/** Answers the probe where the action wrote it. */
const perform = async (
  hands: Hands,
  probe: MemoryProbe,
  action: Action,
): Promise<MemoryProbe | undefined> => {
  switch (action.do) {
    case 'addFinalizer':
      return writeFinalizers(hands, probe, [...(probe.metadata.finalizers ?? []), FINALIZER]);
    case 'removeFinalizer':
      return removeFinalizer(hands, probe);
    case 'writeStatus':
      return writeStatus(hands, probe, action.status);
    case 'createPod':
      return createPod(hands, probe, action.order);
    case 'deletePod':
      return deletePod(hands, action);
    case 'recordEvent':
      return hands.recorder.record(probe, action.event);
    case 'deleteProbe':
      await ignoringAbsence(hands.probes.delete(refOf(probe), {uid: probe.metadata.uid}));
      return undefined;
  }
};

/** Admission or a quota may refuse it: that is tried again, and remembered. */
const createPod = async (hands: Hands, probe: MemoryProbe, order: PodOrder): Promise<undefined> => {
  try {
    hands.podCache.adopt(await hands.pods.create(hands.config.namespace, buildPod(order, hands.config)));
  } catch (thrown) {
    if (isFault(thrown, 'Forbidden', 'Invalid')) hands.noteRefusal(probe, order.component, thrown.message);
    throw thrown;
  }
};

const refOf = ({metadata}: MemoryProbe) => ({namespace: metadata.namespace, name: metadata.name});

/** The resourceVersion makes sure that a finalizer which somebody else adds meanwhile is not lost. */
const writeFinalizers = ({probes}: Hands, probe: MemoryProbe, finalizers: string[]): Promise<MemoryProbe> => {
  const {resourceVersion, uid} = probe.metadata;
  return probes.merge(refOf(probe), {metadata: {resourceVersion, uid, finalizers}});
};

/** A probe that is gone has no finalizer. */
const removeFinalizer = async (hands: Hands, probe: MemoryProbe): Promise<MemoryProbe | undefined> => {
  const others = (probe.metadata.finalizers ?? []).filter(name => name !== FINALIZER);
  return writeFinalizers(hands, probe, others).catch(thrown => {
    if (isFault(thrown, 'NotFound')) return undefined;
    throw thrown;
  });
};

/** The resourceVersion makes sure that no second operator has written a verdict meanwhile (invariant I4). */
const writeStatus = ({probes}: Hands, probe: MemoryProbe, status: Status): Promise<MemoryProbe> => {
  const {namespace, name, uid, resourceVersion} = probe.metadata;
  const body = {
    apiVersion: API_VERSION,
    kind: KIND,
    metadata: {namespace, name, uid, resourceVersion},
    status,
  };
  return probes.apply(refOf(probe), body, {fieldManager: FIELD_MANAGER, subresource: 'status'});
};

type DeletePod = Extract<Action, {do: 'deletePod'}>;

/**
 * What became of the pod is known from the answer, so that it is not asked for twice while the watch is late. Where there
 * is none it was gone before (Conflict: another has its name by now): the watch still brings what it said last.
 */
const deletePod = async (
  {pods, podCache, config}: Hands,
  {pod: {uid, name}, gracePeriodSeconds}: DeletePod,
): Promise<undefined> => {
  const base = podCache.byUid(uid)?.metadata.resourceVersion;
  const deletion = pods.delete({namespace: config.namespace, name}, {uid, gracePeriodSeconds});
  const left = await ignoringAbsence(deletion, 'Conflict');
  if (!left || !('metadata' in left)) return;
  if (gracePeriodSeconds > 0 || left.metadata.finalizers?.length) podCache.adopt(left, base);
  else podCache.drop(left);
};

const ignoringAbsence = async <T>(deletion: Promise<T>, ...also: 'Conflict'[]): Promise<T | undefined> => {
  try {
    return await deletion;
  } catch (thrown) {
    if (!isFault(thrown, 'NotFound', ...also)) throw thrown;
    return undefined;
  }
};
