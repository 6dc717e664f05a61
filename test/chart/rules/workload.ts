import type {Manifest} from '../../helpers/helm.ts';

export type Container = {
  name: string;
  image: string;
  imagePullPolicy?: string;
  env?: {name: string; value?: string; valueFrom?: object}[];
  ports?: {name?: string; containerPort: number; hostPort?: number}[];
  resources?: {requests?: Record<string, string>; limits?: Record<string, string>};
  securityContext?: {
    privileged?: boolean;
    allowPrivilegeEscalation?: boolean;
    readOnlyRootFilesystem?: boolean;
    runAsNonRoot?: boolean;
    runAsUser?: number;
    runAsGroup?: number;
    capabilities?: {drop?: string[]; add?: string[]};
    seccompProfile?: {type: string};
    procMount?: string;
  };
  livenessProbe?: object;
  readinessProbe?: object;
  startupProbe?: object;
  volumeMounts?: {name: string; mountPath: string; readOnly?: boolean}[];
};

export type PodSpec = {
  containers: Container[];
  initContainers?: Container[];
  serviceAccountName?: string;
  automountServiceAccountToken?: boolean;
  hostPID?: boolean;
  hostIPC?: boolean;
  hostNetwork?: boolean;
  priorityClassName?: string;
  securityContext?: Container['securityContext'] & {sysctls?: object[]};
  affinity?: {podAntiAffinity?: object};
  topologySpreadConstraints?: object[];
  volumes?: {name: string; hostPath?: {path: string}}[];
};

/** Anything that makes pods, or a pod. */
export type Workload = {
  id: string;
  kind: string;
  namespace: string;
  labels: Record<string, string>;
  /** Of a Deployment: how many, and which pods it takes for its own. */
  replicas?: number;
  selector?: Record<string, string>;
  ttlSecondsAfterFinished?: number;
  pod: PodSpec;
};

type PodManifest = {metadata: {labels?: Record<string, string>}; spec: PodSpec};
type Spec = {
  template?: PodManifest;
  replicas?: number;
  selector?: {matchLabels: Record<string, string>};
  ttlSecondsAfterFinished?: number;
};

export const workloadOf = (object: Manifest): Workload | undefined => {
  const spec = object.spec as Spec | undefined;
  const pod = object.kind === 'Pod' ? (object as unknown as PodManifest) : spec?.template;
  if (!pod) return undefined;
  return {
    id: `${object.kind} ${object.metadata.name}`,
    kind: object.kind,
    namespace: object.metadata.namespace ?? '',
    labels: pod.metadata.labels ?? {},
    ...(spec?.replicas !== undefined && {replicas: spec.replicas}),
    ...(spec?.selector && {selector: spec.selector.matchLabels}),
    ...(spec?.ttlSecondsAfterFinished !== undefined && {
      ttlSecondsAfterFinished: spec.ttlSecondsAfterFinished,
    }),
    pod: pod.spec,
  };
};

type Selector = {
  matchLabels?: Record<string, string>;
  matchExpressions?: {key: string; operator: string; values: string[]}[];
};

export const selects = ({matchLabels = {}, matchExpressions = []}: Selector, {labels}: Workload): boolean =>
  Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
  matchExpressions.every(
    ({key, operator, values}) => operator === 'In' && values.includes(labels[key] ?? ''),
  );
