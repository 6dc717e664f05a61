import {APP_NAME, LABEL} from '../api/names.ts';
import {reviewAccess} from '../kube/access-review.ts';
import {isFault, isPassing} from '../kube/faults.ts';
import {follow, type WatchContext} from '../kube/follow.ts';
import {createResource} from '../kube/resource.ts';
import type {Rest} from '../kube/rest.ts';
import {EVENTS, MEMORY_PROBES, type MemoryProbe, NAMESPACES, NODES, PODS} from '../kube/types.ts';
import type {WatchTiming} from '../kube/watch.ts';
import type {Clock} from '../lib/clock.ts';
import type {Log} from '../lib/log.ts';
import {runController} from '../runtime/controller.ts';
import {WorkQueue} from '../runtime/work-queue.ts';
import type {Action} from './actions.ts';
import {Budgets} from './budgets.ts';
import type {Config} from './config.ts';
import {createRecorder} from './events.ts';
import type {Metrics} from './metrics.ts';
import {OwnPods} from './own-pods.ts';
import {countPods} from './pod-counts.ts';
import {keyOf} from './queue-order.ts';
import {createReconcile} from './reconcile.ts';
import {followStopSwitch, readStopSwitch} from './stop-switch.ts';
import {runSweep} from './sweep.ts';
import {TargetWatches} from './target-watches.ts';
import {createWaker} from './waker.ts';

export type OperatorOptions = {
  config: Config;
  rest: Rest;
  clock: Clock;
  random: () => number;
  log: Log;
  metrics: Metrics;
  signal: AbortSignal;
  timing?: Partial<WatchTiming>;
};

export type Operator = {
  isSynced: () => boolean;
  /** Acts from now on: only while this process leads. Resolves after the signal, when every run has ended. */
  lead: () => Promise<void>;
};

const RETRY = {baseMs: 20, capMs: 30_000};
/** Balloon and repair pods, in the operator's namespace. */
export const OWN_PODS = `${LABEL.name}=${APP_NAME},${LABEL.component} in (balloon,repair)`;

/** Watches from the start, so that whoever takes the lead knows the world already; acts only when told to lead. */
export const createOperator = (options: OperatorOptions): Operator => {
  const {config, rest, clock, random, log, metrics, signal} = options;
  const context: WatchContext = {rest, clock, random, log, ...(options.timing && {timing: options.timing})};
  const queue = new WorkQueue({clock, random, backoff: RETRY});
  metrics.observeQueue(queue);
  const ownPods = new OwnPods();
  // Who follows keeps no queue: everything is looked at when the lead is taken.
  let isLeading = false;
  const wake = (key: string) => {
    if (isLeading) queue.add(key);
  };
  const waker = createWaker({wake, ownPods, allProbes: () => probes.cache.all});
  const probes = follow(context, {type: MEMORY_PROBES}, signal, waker.probeChanged);
  const pods = follow(
    context,
    {type: PODS, namespace: config.namespace, selection: {labelSelector: OWN_PODS}},
    signal,
    waker.podChanged,
  );
  ownPods.attach(pods.cache);
  metrics.observePods(() => countPods(ownPods.all, clock.now()));
  const stopSwitch = followStopSwitch(context, config.namespace, signal, waker.stopSwitchChanged);
  const budgets = new Budgets(config.budgets, ownPods, waker.budgetFreed);
  const targets = new TargetWatches(context, wake);
  const resources = {
    probes: createResource(rest, MEMORY_PROBES),
    pods: createResource(rest, PODS),
    nodes: createResource(rest, NODES),
    events: createResource(rest, EVENTS),
  };
  const reconcile = createReconcile({
    sources: {
      clock,
      ownPods,
      targets,
      probes: probes.cache,
      nodes: resources.nodes,
      policy: {operatorNamespace: config.namespace, allowSystemTargets: config.allowSystemTargets},
      permissions: {
        config,
        namespaces: createResource(rest, NAMESPACES),
        reviewAccess: question => reviewAccess(rest, question),
      },
      budgets,
      stop: () => readStopSwitch(stopSwitch.cache),
      isEnding: config.isEnding,
    },
    hands: {
      config,
      probes: resources.probes,
      probeCache: probes.cache,
      pods: resources.pods,
      podCache: pods.cache,
      recorder: createRecorder(resources.events, config.identity, clock, log),
      note: (probe, action) => {
        metrics.note(probe, action);
        logVerdict(log, probe, action);
      },
      noteRefusal: ({metadata: {uid}}, component, message) =>
        ownPods.noteRefusal(uid, component, {message, sinceMs: clock.now()}),
    },
    log,
  });
  const followed = [probes, pods, stopSwitch];

  return {
    isSynced: () => followed.every(({cache}) => cache.isSynced),
    lead: async () => {
      const stopped = new Promise<void>(resolve => {
        signal.addEventListener('abort', () => resolve(), {once: true});
      });
      // The last writes of whoever led before may not have come through the watches yet, or one of these be dead.
      await Promise.race([stopped, Promise.all(followed.map(({refresh}) => refresh()))]);
      if (signal.aborted) return;
      isLeading = true;
      for (const probe of probes.cache.all) queue.add(keyOf(probe));
      signal.addEventListener('abort', () => queue.shut(), {once: true});
      const sweeping = runSweep({
        ownPods,
        probeCache: probes.cache,
        probes: resources.probes,
        pods: resources.pods,
        clock,
        log,
        signal,
      });
      await runController({
        queue,
        reconcile,
        workers: config.workers,
        clock,
        log,
        isExpected: thrown => isPassing(thrown) || isFault(thrown, 'AlreadyExists'),
        record: metrics.recordRun,
      });
      targets.stopAll();
      await sweeping;
    },
  };
};

const logVerdict = (log: Log, {metadata}: MemoryProbe, action: Action): void => {
  if (action.do !== 'writeStatus' || action.status.verdict === undefined) return;
  const {verdict, reason} = action.status;
  log.info('verdict', {key: `${metadata.namespace}/${metadata.name}`, verdict, reason});
};
