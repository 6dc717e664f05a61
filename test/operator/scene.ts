import {decodeSpec} from '../../src/api/decode.ts';
import type {MemoryProbe} from '../../src/kube/types.ts';
import type {Action} from '../../src/operator/actions.ts';
import type {Facts, PodFact} from '../../src/operator/facts.ts';
import type {Status} from '../../src/operator/status.ts';

export const T0 = Date.parse('2026-11-24T18:00:00Z');

export const IDENTITY = {
  podName: 'target',
  podUID: 'uid-target',
  container: 'app',
  containerID: 'containerd://1',
  nodeName: 'n1',
};

export const aProbe = (change: {status?: Status; metadata?: object} = {}): MemoryProbe =>
  ({
    metadata: {
      namespace: 'shop',
      name: 'probe',
      uid: 'uid-probe',
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: '2026-11-24T18:00:00Z',
      ...change.metadata,
    },
    spec: {target: {podName: 'target'}},
    ...(change.status && {status: change.status}),
  }) as MemoryProbe;

export const someFacts = (change: Partial<Facts> = {}): Facts => ({
  nowMs: T0,
  probe: aProbe(),
  spec: {ok: decodeSpec({target: {podName: 'target'}})},
  permission: {nodeScopeAllowed: false, maxDeadlineSeconds: 86_400},
  target: {state: 'Found', identity: IDENTITY, tolerations: []},
  node: {name: 'n1', exists: true, underMemoryPressure: false},
  ...change,
});

export const aPod = (change: Partial<PodFact> = {}): PodFact => ({
  name: 'balloon-n1',
  uid: 'uid-balloon',
  nodeName: 'n1',
  createdMs: T0,
  acceptedMs: T0,
  present: true,
  running: false,
  ended: false,
  mayHaveRun: false,
  succeeded: false,
  ...change,
});

export const RUNNING: Partial<PodFact> = {running: true, mayHaveRun: true};
export const DIED: Partial<PodFact> = {ended: true, mayHaveRun: true, ending: 'exit code 137'};

export const underway = (reason: string): Status => ({
  startTime: '2026-11-24T18:00:00Z',
  target: IDENTITY,
  conditions: [
    {
      type: 'Reconciling',
      status: 'True',
      reason,
      message: 'as before',
      lastTransitionTime: '2026-11-24T18:00:00Z',
    },
  ],
});

export const FINALIZED = {finalizers: ['memoryprobe.dev/balloon']};

/** One word for each action, with what matters in it. */
export const namesOf = (actions: Action[]): string[] =>
  actions.map(action => {
    if (action.do === 'writeStatus')
      return `status ${action.status.reason ?? action.status.conditions?.[0]?.reason}`;
    if (action.do === 'createPod') return `create ${action.order.component}`;
    if (action.do === 'deletePod') return `delete ${action.pod.name} ${action.gracePeriodSeconds}`;
    return action.do;
  });
