import {readFileSync} from 'node:fs';
import * as yaml from 'js-yaml';
import {createAccess} from '../../src/kube/access.ts';
import {createResource, type Resource} from '../../src/kube/resource.ts';
import {type Call, type CallRecord, createRest, type Rest} from '../../src/kube/rest.ts';
import {MEMORY_PROBES, type MemoryProbe, type Pod} from '../../src/kube/types.ts';
import {silentLog} from '../../src/lib/log.ts';
import type {Config} from '../../src/operator/config.ts';
import {createMetrics} from '../../src/operator/metrics.ts';
import {createOperator} from '../../src/operator/operator.ts';
import {type ApiServer, startApiServer} from './apiserver.ts';
import {createJumpClock, type JumpClock} from './jump-clock.ts';
import {checkKstatus} from './kstatus.ts';
import {createKubelet, type Kubelet} from './kubelet.ts';
import {watchPods} from './watch-pods.ts';

export const OPERATOR_NAMESPACE = 'memoryprobe-system';

/** A real API server with the resource installed, a player of the kubelet, and operators that are started at will. */
export type World = {
  api: ApiServer;
  /** As a cluster administrator. */
  rest: Rest;
  kubelet: Kubelet;
  probes: Resource<MemoryProbe>;
  /** A namespace and a node of their own. */
  place: () => Promise<Place>;
  stop: () => Promise<void>;
};
export type Place = {namespace: string; nodeName: string};

export const CONFIG: Config = {
  balloonImage: 'localhost/memoryprobe/balloon:test',
  balloonImagePullPolicy: 'Never',
  balloonImagePullSecrets: [],
  balloonPriorityClass: undefined,
  namespace: OPERATOR_NAMESPACE,
  identity: 'operator-test',
  leaderElection: false,
  allowSystemTargets: false,
  nodeScopeAllowed: false,
  namespaceOptIn: false,
  maxDeadlineSeconds: 86_400,
  budgets: {cluster: 100, namespace: 100},
  httpPort: 0,
  workers: 4,
  logLevel: 'info',
  kubeconfig: undefined,
};

export const startWorld = async (): Promise<World> => {
  const api = await startApiServer();
  const access = createAccess({kubeconfig: api.kubeconfig});
  const rest = createRest({access, userAgent: 'test'});
  await rest.call({method: 'POST', path: '/api/v1/namespaces', body: {metadata: {name: OPERATOR_NAMESPACE}}});
  await installResource(rest);
  const kubelet = createKubelet(rest);
  let places = 0;
  return {
    api,
    rest,
    kubelet,
    probes: createResource(rest, MEMORY_PROBES),
    place: async () => {
      places += 1;
      const place = {namespace: `tenant-${places}`, nodeName: `node-${places}`};
      await rest.call({
        method: 'POST',
        path: '/api/v1/namespaces',
        body: {metadata: {name: place.namespace}},
      });
      await kubelet.addNode(place.nodeName);
      return place;
    },
    stop: async () => {
      await access.close();
      await api.stop();
    },
  };
};

const CRD_FILE = new URL('../../crds/memoryprobe.dev_memoryprobes.yaml', import.meta.url);

const installResource = async (rest: Rest): Promise<void> => {
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  await rest.call({method: 'POST', path, body: yaml.load(readFileSync(CRD_FILE, 'utf8'))});
  await eventually('the resource to be served', async () => {
    await rest
      .call({method: 'GET', path: '/apis/memoryprobe.dev/v1alpha1/memoryprobes'})
      .catch(() => undefined);
    const crd = await rest.call<{status?: {conditions?: {type: string; status: string}[]}}>({
      method: 'GET',
      path: `${path}/memoryprobes.memoryprobe.dev`,
    });
    return (
      crd.status?.conditions?.some(({type, status}) => type === 'Established' && status === 'True') ||
      undefined
    );
  });
};

export type RunningOperator = {
  clock: JumpClock;
  /** Resolves when it knows the world. */
  synced: () => Promise<true>;
  /** Takes the lead, of one that only follows. */
  lead: () => void;
  /** Writes that were made, oldest first. */
  writes: Call[];
  /** As kill -9: nothing of it reaches the API server any more. */
  kill: () => Promise<void>;
  stop: () => Promise<void>;
};

export type OperatorOrder = {
  kubeconfig?: string;
  clock?: JumpClock;
  /** Killed right after so many writes have reached the API server, before their answers are seen. */
  dieAfterWrites?: number;
  config?: Partial<Config>;
  /** It only follows, until it is told to lead. */
  follows?: boolean;
  /** Its first watch of this path says nothing, as one whose peer went away without a word. */
  deafTo?: string;
};

/** An operator in this process, leading unless it is to follow, over connections of its own. */
export const startOperator = (world: World, order: OperatorOrder = {}): RunningOperator => {
  const clock = order.clock ?? createJumpClock();
  const access = createAccess({kubeconfig: order.kubeconfig ?? world.api.kubeconfig});
  const stopping = new AbortController();
  const death = new AbortController();
  const writes: Call[] = [];
  let deafTo = order.deafTo;
  const real = createRest({access, userAgent: 'operator-under-test', record: (_: CallRecord) => undefined});
  const rest: Rest = {
    call: async <T>(call: Call): Promise<T> => {
      if (death.signal.aborted) return new Promise<T>(() => undefined);
      if (call.method !== 'GET') writes.push(call);
      const answer = await real.call<T>(call);
      if (call.method !== 'GET' && writes.length >= (order.dieAfterWrites ?? Number.POSITIVE_INFINITY))
        death.abort();
      return death.signal.aborted ? new Promise<T>(() => undefined) : answer;
    },
    stream: async call => {
      if (death.signal.aborted) return new Promise(() => undefined);
      const ending = AbortSignal.any([death.signal, call.signal ?? death.signal]);
      const chunks = await real.stream({...call, signal: ending});
      if (call.path !== deafTo) return chunks;
      deafTo = undefined;
      return sayNothing(ending);
    },
  };
  const operator = createOperator({
    config: {...CONFIG, ...order.config},
    rest,
    clock,
    random: Math.random,
    log: silentLog,
    metrics: createMetrics(4),
    signal: AbortSignal.any([stopping.signal, death.signal]),
  });
  let leading = order.follows ? Promise.resolve() : operator.lead();
  return {
    clock,
    synced: () => eventually('the operator to know the world', () => operator.isSynced() || undefined),
    lead: () => {
      leading = operator.lead();
    },
    writes,
    kill: async () => {
      death.abort();
      await access.close();
    },
    stop: async () => {
      stopping.abort();
      if (!death.signal.aborted) await leading;
      await access.close();
    },
  };
};

async function* sayNothing(ending: AbortSignal): AsyncGenerator<Uint8Array> {
  await new Promise((_, reject) => ending.addEventListener('abort', () => reject(new Error('aborted'))));
  yield new Uint8Array();
}

/** Asks again until there is an answer; longer than the 20 s after which an operator that saw no event looks again. */
export const eventually = async <T>(
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
  seconds = 30,
): Promise<T> => {
  const endMs = performance.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > endMs) throw new Error(`waited ${seconds} s for ${what}`);
    await new Promise(resolve => setTimeout(resolve, 20));
  }
};

export const createProbe = (
  world: World,
  namespace: string,
  name: string,
  spec: object,
): Promise<MemoryProbe> =>
  world.probes.create(namespace, {
    apiVersion: 'memoryprobe.dev/v1alpha1',
    kind: 'MemoryProbe',
    metadata: {name},
    spec,
  });

export const isComplete = ({status}: MemoryProbe): boolean =>
  status?.conditions?.some(condition => condition.type === 'Complete' && condition.status === 'True') ??
  false;

export const waitComplete = (world: World, namespace: string, name: string): Promise<MemoryProbe> =>
  eventually(`probe ${name} to complete`, async () => {
    const probe = await world.probes.get({namespace, name});
    return isComplete(probe) ? probe : undefined;
  });

/** The balloon or repair pods of a node or of all nodes, as they are now. */
export const listOwnPods = async (world: World, component?: string): Promise<Pod[]> => {
  const {items} = await world.rest.call<{items: Pod[]}>({
    method: 'GET',
    path: `/api/v1/namespaces/${OPERATOR_NAMESPACE}/pods`,
    query: {labelSelector: component ? `app.kubernetes.io/component=${component}` : undefined},
  });
  return items;
};

export const waitPod = (world: World, component: string, probeUid: string): Promise<Pod> =>
  eventually(`a ${component} pod`, async () =>
    (await listOwnPods(world, component)).find(
      ({metadata}) => metadata.labels?.['memoryprobe.dev/probe-uid'] === probeUid,
    ),
  );

/** Looks for a probe's pod from now on: for one that may be gone again before anybody can ask for it. */
export const followPod = async (
  world: World,
  component: string,
  probeUid: string,
): Promise<{seen: () => Promise<true>; stop: () => Promise<void>}> => {
  let isListed = false;
  let isSeen = false;
  const see = ({metadata}: Pod) => {
    isSeen ||= metadata.labels?.['memoryprobe.dev/probe-uid'] === probeUid;
  };
  const stop = watchPods(world.rest, OPERATOR_NAMESPACE, component, {
    replaced: pods => {
      isListed = true;
      pods.forEach(see);
    },
    changed: see,
    removed: see,
  });
  await eventually('the watch to begin', () => isListed || undefined);
  return {seen: () => eventually(`a ${component} pod`, () => isSeen || undefined), stop};
};

/** Nothing is left of a probe but its status: no pod, no finalizer. */
export const waitNothingLeft = (world: World, namespace: string, name: string): Promise<true> =>
  eventually('nothing to be left', async () => {
    const probe = await world.probes.get({namespace, name}).catch(() => undefined);
    const pods = await listOwnPods(world);
    const left = pods.some(
      ({metadata}) => metadata.annotations?.['memoryprobe.dev/probe'] === `${namespace}/${name}`,
    );
    return (!left && (probe?.metadata.finalizers ?? []).length === 0) || undefined;
  });

/** What is wrong with a probe's status by the rules of kstatus; nothing, it is to be hoped. */
export const kstatusFaults = ({status, metadata}: MemoryProbe): string[] =>
  checkKstatus(status?.conditions ?? [], status?.observedGeneration, metadata.generation);
