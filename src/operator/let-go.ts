import {FINALIZER} from '../api/names.ts';
import {isFault} from '../kube/faults.ts';
import {collectionPath, createResource, type ListAnswer} from '../kube/resource.ts';
import type {Rest} from '../kube/rest.ts';
import {LEASES, MEMORY_PROBES, type MemoryProbe, PODS, type Pod} from '../kube/types.ts';
import {type Clock, sleep} from '../lib/clock.ts';
import {messageOf} from '../lib/exit.ts';
import type {Log} from '../lib/log.ts';
import type {LetGoConfig} from './config.ts';
import {keyOf} from './queue-order.ts';
import {hasVerdict} from './status.ts';

export type LetGoOptions = LetGoConfig & {
  rest: Rest;
  clock: Clock;
  log: Log;
  namespace: string;
  leaseName: string;
  /** Selects the balloon and repair pods. */
  ownPods: string;
  signal: AbortSignal;
  /** Runs an operator that ends every probe, until the signal. */
  endProbes: (signal: AbortSignal) => Promise<unknown>;
};

/** What is still there of probes that a missing operator would leave for good, and who could still make more. */
export type Remains = {probes: MemoryProbe[]; pods: Pod[]; operators: Pod[]};

const LOOK_MS = 1000;
const NOTHING: Remains = {probes: [], pods: [], operators: []};
/** As the chart labels them; one that is told to end still writes the Lease. */
const OPERATORS = 'app.kubernetes.io/name=memoryprobe,app.kubernetes.io/component=operator';

/**
 * Before MemoryProbe is removed: the operator is scaled to nothing, this process takes its lead, ends every probe as an
 * operator does (lets go, puts right, writes a verdict, takes the finalizer off) and leaves nothing that would wait for
 * an operator. What has not ended after `patienceSeconds` loses its finalizer all the same, so that no namespace hangs;
 * its balloon pod ends by the clocks of guardian, agent and kubelet (invariant I2).
 */
export const letGo = async (options: LetGoOptions): Promise<void> => {
  const {log, signal, endProbes} = options;
  await stopOperator(options);
  const done = new AbortController();
  const ending = endProbes(AbortSignal.any([signal, done.signal])).catch(thrown =>
    log.warn('probes are not ended any more', {error: messageOf(thrown)}),
  );
  const left = await waitForNothing(options);
  done.abort();
  await ending;
  // Told to end before its time: whoever runs it again goes on.
  if (signal.aborted) return;
  for (const probe of left.probes) await takeFinalizerOff(options, probe);
  await deleteLease(options);
  log.info('let go', {probesLeft: left.probes.length, podsLeft: left.pods.length});
};

/** Its Deployment stays: if the removal is broken off, an upgrade brings the replicas back. */
const stopOperator = ({rest, namespace, deployment}: LetGoOptions): Promise<void> =>
  ignoringAbsence(
    rest.call({
      method: 'PATCH',
      path: `/apis/apps/v1/namespaces/${namespace}/deployments/${deployment}/scale`,
      body: {spec: {replicas: 0}},
      contentType: 'application/merge-patch+json',
    }),
  );

/** Resolves with what is left when the time is over; with nothing as soon as there is nothing. */
const waitForNothing = async (options: LetGoOptions): Promise<Remains> => {
  const {clock, signal, patienceSeconds} = options;
  const endMs = clock.monotonic() + patienceSeconds * 1000;
  for (;;) {
    const left = await findRemains(options);
    const isClean = Object.values(left).every(objects => objects.length === 0);
    if (isClean || signal.aborted || clock.monotonic() >= endMs) return left;
    await sleep(clock, LOOK_MS, signal);
  }
};

/** Where the resource is gone its objects are gone with it. */
const findRemains = (options: LetGoOptions): Promise<Remains> =>
  listRemains(options).catch(thrown => {
    if (isFault(thrown, 'NotFound')) return NOTHING;
    throw thrown;
  });

const listRemains = async ({rest, namespace, ownPods}: LetGoOptions): Promise<Remains> => {
  const probes = await rest.call<ListAnswer<MemoryProbe>>({
    method: 'GET',
    path: collectionPath(MEMORY_PROBES),
  });
  const listPods = async (labelSelector: string): Promise<Pod[]> => {
    const path = collectionPath(PODS, namespace);
    return (await rest.call<ListAnswer<Pod>>({method: 'GET', path, query: {labelSelector}})).items;
  };
  return {
    probes: probes.items.filter(probe => isHeld(probe) || !hasVerdict(probe)),
    pods: await listPods(ownPods),
    operators: await listPods(OPERATORS),
  };
};

const isHeld = ({metadata}: MemoryProbe): boolean => metadata.finalizers?.includes(FINALIZER) ?? false;

/** The resourceVersion makes sure that no other finalizer is lost: on a conflict the job is run again. */
const takeFinalizerOff = async ({rest, log}: LetGoOptions, probe: MemoryProbe): Promise<void> => {
  if (!isHeld(probe)) return;
  const {namespace, name, uid, resourceVersion} = probe.metadata;
  const finalizers = probe.metadata.finalizers?.filter(other => other !== FINALIZER) ?? [];
  const metadata = {uid, resourceVersion, finalizers};
  await ignoringAbsence(createResource(rest, MEMORY_PROBES).merge({namespace, name}, {metadata}));
  log.warn('finalizer taken off a probe that did not end', {key: keyOf(probe)});
};

/** The operator made it, so Helm does not know it. */
const deleteLease = async ({rest, namespace, leaseName}: LetGoOptions): Promise<void> => {
  const leases = createResource(rest, LEASES);
  const ref = {namespace, name: leaseName};
  const find = leases.get(ref).then(({metadata}) => leases.delete(ref, {uid: metadata.uid}));
  await ignoringAbsence(find);
};

const ignoringAbsence = async (call: Promise<unknown>): Promise<void> => {
  try {
    await call;
  } catch (thrown) {
    if (!isFault(thrown, 'NotFound')) throw thrown;
  }
};
