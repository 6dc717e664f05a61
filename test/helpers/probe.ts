import type {MemoryProbeBody} from '../../src/api/memory-probe.ts';
import {apply, kubectl, kubectlJson, type NodeKind, waitFor} from './cluster.ts';

type Metadata = {name: string; namespace: string; uid: string; generation?: number; finalizers?: string[]};
export type Probe = MemoryProbeBody & {metadata: Metadata};
export type Pod = {
  metadata: Metadata & {labels?: Record<string, string>; deletionTimestamp?: string};
  spec: {nodeName?: string};
  status: {
    phase: string;
    containerStatuses?: {containerID?: string; restartCount: number; ready: boolean}[];
    conditions?: {type: string; status: string}[];
  };
};

type Workload = {
  namespace: string;
  name: string;
  node: NodeKind;
  /** Arguments of the test's workload program: test/workloads/README.md. */
  args: string[];
  memoryLimit?: string;
};

/** Runs a workload in a pod of its own and waits until it has printed `ready`. */
export const runWorkload = async ({namespace, name, node, args, memoryLimit}: Workload): Promise<Pod> => {
  await apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {namespace, name, labels: {app: name}},
    spec: {
      nodeSelector: {'memoryprobe.dev/lab-node': node},
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 1,
      containers: [
        {
          name: 'app',
          image: WORKLOAD_IMAGE,
          imagePullPolicy: 'Never',
          args,
          ...(memoryLimit && {resources: {limits: {memory: memoryLimit}, requests: {memory: '16Mi'}}}),
        },
      ],
    },
  });
  await waitFor(
    `pod ${name} to print ready`,
    async () => {
      const logs = await kubectl(['-n', namespace, 'logs', name]).catch(() => '');
      return /^ready/m.test(logs) || undefined;
    },
    {seconds: 120},
  );
  return getPod(namespace, name);
};

export const getPod = (namespace: string, name: string): Promise<Pod> =>
  kubectlJson<Pod>(['-n', namespace, 'get', 'pod', name]);

export const getProbe = (namespace: string, name: string): Promise<Probe> =>
  kubectlJson<Probe>(['-n', namespace, 'get', 'memoryprobe', name]);

type Spec = {
  target: object;
  pressure?: object;
  rounds?: object;
  criteria?: object;
  guards?: object;
};

export const applyProbe = (
  namespace: string,
  name: string,
  spec: Spec,
  annotations: Record<string, string> = {},
): Promise<void> =>
  apply({
    apiVersion: 'memoryprobe.dev/v1alpha1',
    kind: 'MemoryProbe',
    metadata: {namespace, name, annotations},
    spec,
  });

export const isComplete = (probe: Probe): boolean =>
  probe.status?.conditions?.some(({type, status}) => type === 'Complete' && status === 'True') ?? false;

/** As a gate waits: one watch, which costs the nodes nothing while a latency is measured on them. */
export const waitComplete = async (namespace: string, name: string, seconds = 120): Promise<Probe> => {
  await kubectl([
    ...['-n', namespace, 'wait', `memoryprobe/${name}`],
    ...['--for=condition=Complete', `--timeout=${seconds}s`],
  ]);
  return getProbe(namespace, name);
};

/** Applies a probe and waits for its end. */
export const runProbe = async (namespace: string, name: string, spec: Spec): Promise<Probe> => {
  await applyProbe(namespace, name, spec);
  return waitComplete(namespace, name);
};

export const WORKLOAD_IMAGE = 'localhost/memoryprobe/workload:0.1.0';
