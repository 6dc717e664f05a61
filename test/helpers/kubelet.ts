import type {Report} from '../../src/domain/report.ts';
import {encodeReport} from '../../src/domain/termination-message.ts';
import {isFault} from '../../src/kube/faults.ts';
import {createResource, type Resource} from '../../src/kube/resource.ts';
import type {Rest} from '../../src/kube/rest.ts';
import {NODES, PODS, type Pod} from '../../src/kube/types.ts';

/**
 * Plays the kubelet and the scheduler: there is no node behind the API server of these tests, and the faults that they
 * are about cannot be had from a real one on demand. Statuses are as kubelet 1.34 writes them.
 */
export type Kubelet = {
  pods: Resource<Pod>;
  addNode: (name: string) => Promise<void>;
  setNode: (name: string, ready: 'True' | 'Unknown', extra?: object[]) => Promise<void>;
  removeNode: (name: string) => Promise<void>;
  /** A target pod with one running container. */
  runTarget: (target: TargetOrder) => Promise<Pod>;
  setContainer: (pod: Pod, phase: string, state: object, extra?: object) => Promise<Pod>;
  unschedulable: (pod: Pod, message: string) => Promise<void>;
  accept: (pod: Pod, nodeName: string) => Promise<void>;
  start: (pod: Pod) => Promise<void>;
  waitImage: (pod: Pod, reason: string) => Promise<void>;
  end: (pod: Pod, end: {exitCode: number; report?: Report; phase?: string; reason?: string}) => Promise<void>;
  /** Takes the pod's object away, as after its grace period. */
  remove: (pod: Pod) => Promise<void>;
};

export type TargetOrder = {
  namespace: string;
  name: string;
  nodeName: string;
  labels?: Record<string, string>;
  containers?: string[];
  annotations?: Record<string, string>;
  runtimeClassName?: string;
};

const READY = [{type: 'Ready', status: 'True', lastTransitionTime: new Date().toISOString()}];

export const createKubelet = (rest: Rest): Kubelet => {
  const pods = createResource(rest, PODS);
  const nodes = createResource(rest, NODES);
  const patchStatus = <T>(path: string, status: object): Promise<T> =>
    rest.call<T>({
      method: 'PATCH',
      path: `${path}/status`,
      body: {status},
      contentType: 'application/merge-patch+json',
    });
  const pathOf = ({metadata}: Pod) => `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`;
  const setStatus = (pod: Pod, status: object) => patchStatus<Pod>(pathOf(pod), status);
  const setContainer: Kubelet['setContainer'] = (pod, phase, state, extra = {}) => {
    const {name = 'agent'} = pod.spec?.containers[0] ?? {};
    const running = 'running' in state;
    const container = {name, image: 'i', imageID: 'i', restartCount: 0, ready: running, state};
    const id = running ? {containerID: `containerd://${pod.metadata.uid}`} : {};
    return setStatus(pod, {
      phase,
      startTime: new Date().toISOString(),
      conditions: running ? READY : [],
      containerStatuses: [{...container, ...id}],
      ...extra,
    });
  };

  return {
    pods,
    setContainer,
    addNode: async name => {
      await nodes.create(undefined, {metadata: {name}});
      await patchStatus(`/api/v1/nodes/${name}`, {
        capacity: {memory: '8Gi'},
        allocatable: {memory: '7Gi'},
        conditions: [nodeCondition('Ready', 'True')],
      });
    },
    setNode: async (name, ready, extra = []) => {
      await patchStatus(`/api/v1/nodes/${name}`, {conditions: [nodeCondition('Ready', ready), ...extra]});
    },
    removeNode: async name => {
      const node = await nodes.get({name});
      await nodes.delete({name}, {uid: node.metadata.uid});
    },
    runTarget: async ({
      namespace,
      name,
      nodeName,
      labels = {},
      containers = ['app'],
      annotations = {},
      ...more
    }) => {
      const pod = await pods.create(namespace, {
        metadata: {name, labels, annotations},
        spec: {
          nodeName,
          tolerations: [{key: 'dedicated', operator: 'Exists', effect: 'NoSchedule'}],
          containers: containers.map(container => ({name: container, image: 'i'})),
          ...more,
        },
      });
      return setStatus(pod, {
        phase: 'Running',
        conditions: READY,
        containerStatuses: containers.map(container => ({
          name: container,
          image: 'i',
          imageID: 'i',
          ready: true,
          restartCount: 0,
          containerID: `containerd://${pod.metadata.uid}-${container}`,
          state: {running: {startedAt: new Date().toISOString()}},
        })),
      });
    },
    unschedulable: async (pod, message) => {
      await setStatus(pod, {
        phase: 'Pending',
        conditions: [{type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message}],
      });
    },
    accept: async (pod, nodeName) => {
      await rest.call({
        method: 'POST',
        path: `${pathOf(pod)}/binding`,
        body: {
          apiVersion: 'v1',
          kind: 'Binding',
          metadata: {name: pod.metadata.name},
          target: {apiVersion: 'v1', kind: 'Node', name: nodeName},
        },
      });
      await setContainer(pod, 'Pending', {waiting: {reason: 'ContainerCreating'}});
    },
    start: async pod => {
      await setContainer(pod, 'Running', {running: {startedAt: new Date().toISOString()}});
    },
    waitImage: async (pod, reason) => {
      await setContainer(pod, 'Pending', {
        waiting: {reason, message: 'Back-off pulling image "no-such-image"'},
      });
    },
    end: async (pod, {exitCode, report, phase, reason}) => {
      const message = report ? {message: encodeReport(report)} : {};
      const terminated = {exitCode, reason: exitCode === 0 ? 'Completed' : 'Error', ...message};
      const extra = reason === undefined ? {} : {reason};
      await setContainer(pod, phase ?? (exitCode === 0 ? 'Succeeded' : 'Failed'), {terminated}, extra);
    },
    remove: async pod => {
      const {namespace, name, uid} = pod.metadata;
      await pods.delete({namespace, name}, {uid, gracePeriodSeconds: 0}).catch(thrown => {
        if (!isFault(thrown, 'NotFound', 'Conflict')) throw thrown;
      });
    },
  };
};

const nodeCondition = (type: string, status: string) => ({
  type,
  status,
  reason: 'Test',
  message: '',
  lastHeartbeatTime: new Date().toISOString(),
  lastTransitionTime: new Date().toISOString(),
});
