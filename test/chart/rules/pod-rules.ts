import type {Manifest} from '../../helpers/helm.ts';
import {type Container, selects, type Workload} from './workload.ts';

/** A rule of a linter that sees no TypeScript: `breaks` says whether this workload, among these objects, would be told of. */
export type PodRule = {
  /** Ids in kube-linter, kube-score (README_CHECKS.md) and Polaris that ask for the same thing. */
  ids: string[];
  breaks: (workload: Workload, objects: Manifest[]) => boolean;
};

const containersOf = ({pod}: Workload): Container[] => [...pod.containers, ...(pod.initContainers ?? [])];
const someContainer =
  (breaks: (container: Container, workload: Workload) => boolean): PodRule['breaks'] =>
  workload =>
    containersOf(workload).some(container => breaks(container, workload));
const security = (container: Container, {pod}: Workload) => ({
  ...pod.securityContext,
  ...container.securityContext,
});
const isServer = ({kind, id}: Workload): boolean => kind === 'Deployment' && !id.endsWith(' target');
const specOf = <T>(object: Manifest): T => object.spec as T;

const isUntagged = ({image}: Container): boolean => !image.includes('@') && !/:[\w][\w.-]*$/.test(image);
const lacks = (kind: 'requests' | 'limits', what: string): PodRule['breaks'] =>
  someContainer(({resources}) => resources?.[kind]?.[what] === undefined);

const isIsolated = (workload: Workload, objects: Manifest[]): boolean =>
  objects.some(
    object =>
      object.kind === 'NetworkPolicy' &&
      object.metadata.namespace === workload.namespace &&
      selects(specOf<{podSelector: object}>(object).podSelector, workload),
  );
const budgetOf = (workload: Workload, objects: Manifest[]): Manifest | undefined =>
  objects.find(
    object =>
      object.kind === 'PodDisruptionBudget' && selects(specOf<{selector: object}>(object).selector, workload),
  );
const hasAccount = ({pod, namespace}: Workload, objects: Manifest[]): boolean =>
  objects.some(
    ({kind, metadata}) =>
      kind === 'ServiceAccount' &&
      metadata.name === pod.serviceAccountName &&
      metadata.namespace === namespace,
  );
const handlerOf = (probe: object | undefined): string => {
  const {httpGet, tcpSocket, exec} = (probe ?? {}) as Record<string, unknown>;
  return JSON.stringify([httpGet, tcpSocket, exec]);
};
const DANGEROUS = ['ALL', 'SYS_ADMIN', 'NET_ADMIN', 'SYS_MODULE', 'SYS_PTRACE'];
const SECRET_NAME = /(?:PASSWORD|SECRET|TOKEN|PRIVATE_KEY|API_?KEY)$/;

export const POD_RULES: PodRule[] = [
  {
    ids: ['kube-linter latest-tag', 'kube-score container-image-tag', 'polaris tagNotSpecified'],
    breaks: someContainer(container => isUntagged(container) || container.image.endsWith(':latest')),
  },
  {
    ids: ['kube-score container-image-pull-policy', 'polaris pullPolicyNotAlways'],
    breaks: someContainer(({imagePullPolicy}) => imagePullPolicy !== 'Always'),
  },
  {
    ids: ['kube-linter unset-cpu-requirements', 'polaris cpuRequestsMissing'],
    breaks: lacks('requests', 'cpu'),
  },
  {
    ids: ['kube-score container-resources', 'polaris cpuLimitsMissing'],
    breaks: lacks('limits', 'cpu'),
  },
  {
    ids: ['kube-linter unset-memory-requirements', 'polaris memoryRequestsMissing'],
    breaks: lacks('requests', 'memory'),
  },
  {
    ids: ['kube-score container-resources (memory limit)', 'polaris memoryLimitsMissing'],
    breaks: lacks('limits', 'memory'),
  },
  {
    ids: ['kube-score container-ephemeral-storage-request-and-limit'],
    breaks: (workload, objects) =>
      lacks('requests', 'ephemeral-storage')(workload, objects) ||
      lacks('limits', 'ephemeral-storage')(workload, objects),
  },
  {
    ids: [
      'kube-linter no-read-only-root-fs',
      'kube-score container-security-context-readonlyrootfilesystem',
      'polaris notReadOnlyRootFilesystem',
    ],
    breaks: someContainer(({securityContext}) => securityContext?.readOnlyRootFilesystem !== true),
  },
  {
    ids: ['kube-linter run-as-non-root', 'polaris runAsRootAllowed'],
    breaks: someContainer((container, workload) => security(container, workload).runAsNonRoot !== true),
  },
  {
    ids: ['kube-score container-security-context-user-group-id'],
    breaks: someContainer((container, workload) => {
      const {runAsUser = 0, runAsGroup = 0} = security(container, workload);
      return runAsUser <= 10_000 || runAsGroup <= 10_000;
    }),
  },
  {
    ids: [
      'kube-linter privileged-container',
      'kube-score container-security-context-privileged',
      'polaris runAsPrivileged',
    ],
    breaks: someContainer(({securityContext}) => securityContext?.privileged === true),
  },
  {
    ids: ['kube-linter privilege-escalation-container', 'polaris privilegeEscalationAllowed'],
    breaks: someContainer(({securityContext}) => securityContext?.allowPrivilegeEscalation !== false),
  },
  {
    ids: ['kube-linter drop-net-raw-capability', 'polaris insecureCapabilities'],
    breaks: someContainer(({securityContext}) => !securityContext?.capabilities?.drop?.includes('ALL')),
  },
  {
    ids: ['polaris dangerousCapabilities'],
    breaks: someContainer(
      ({securityContext}) =>
        securityContext?.capabilities?.add?.some(name => DANGEROUS.includes(name)) ?? false,
    ),
  },
  {
    ids: ['kube-score container-seccomp-profile', 'polaris linuxHardening'],
    breaks: someContainer((container, workload) => !security(container, workload).seccompProfile),
  },
  {ids: ['kube-linter host-pid', 'polaris hostPIDSet'], breaks: ({pod}) => pod.hostPID === true},
  {ids: ['kube-linter host-ipc', 'polaris hostIPCSet'], breaks: ({pod}) => pod.hostIPC === true},
  {ids: ['kube-linter host-network', 'polaris hostNetworkSet'], breaks: ({pod}) => pod.hostNetwork === true},
  {
    ids: ['polaris hostPortSet'],
    breaks: someContainer(({ports = []}) => ports.some(({hostPort}) => hostPort !== undefined)),
  },
  {
    ids: ['kube-linter sensitive-host-mounts', 'polaris hostPathSet'],
    breaks: ({pod}) => pod.volumes?.some(({hostPath}) => hostPath !== undefined) ?? false,
  },
  {
    ids: ['kube-linter writable-host-mount'],
    breaks: someContainer(({volumeMounts = []}, {pod}) =>
      volumeMounts.some(
        ({name, readOnly}) =>
          readOnly !== true && pod.volumes?.find(volume => volume.name === name)?.hostPath !== undefined,
      ),
    ),
  },
  {
    ids: ['kube-linter unsafe-proc-mount'],
    breaks: someContainer(({securityContext}) => securityContext?.procMount === 'Unmasked'),
  },
  {
    ids: ['kube-linter unsafe-sysctls'],
    breaks: ({pod}) => (pod.securityContext?.sysctls ?? []).length > 0,
  },
  {
    ids: ['kube-linter env-var-secret', 'polaris sensitiveContainerEnvVar'],
    breaks: someContainer(({env = []}) =>
      env.some(({name, value}) => SECRET_NAME.test(name) && value !== undefined),
    ),
  },
  {
    ids: ['kube-linter duplicate-env-var', 'kube-score environment-variable-key-duplication'],
    breaks: someContainer(({env = []}) => new Set(env.map(({name}) => name)).size < env.length),
  },
  {
    ids: ['kube-linter priority-class-name', 'polaris priorityClassNotSet'],
    breaks: ({pod}) => !pod.priorityClassName,
  },
  {
    ids: ['polaris automountServiceAccountToken'],
    breaks: ({pod}) => pod.automountServiceAccountToken !== false,
  },
  {
    ids: ['kube-linter default-service-account', 'kube-linter non-existent-service-account'],
    breaks: (workload, objects) => !hasAccount(workload, objects),
  },
  {
    ids: ['kube-linter non-isolated-pod', 'kube-score pod-networkpolicy', 'polaris missingNetworkPolicy'],
    breaks: (workload, objects) => !isIsolated(workload, objects),
  },
  {
    ids: ['kube-linter job-ttl-seconds-after-finished'],
    breaks: ({kind, ttlSecondsAfterFinished}) => kind === 'Job' && ttlSecondsAfterFinished === undefined,
  },
];

/** Of what serves for long, which jobs and pods for one purpose do not. */
export const SERVER_RULES: PodRule[] = [
  {
    ids: ['kube-score deployment-replicas', 'polaris deploymentMissingReplicas'],
    breaks: ({replicas = 0}) => replicas < 2,
  },
  {
    ids: ['kube-linter no-anti-affinity', 'kube-score deployment-has-host-podantiaffinity'],
    breaks: ({pod}) =>
      !JSON.stringify(pod.affinity?.podAntiAffinity ?? '').includes('kubernetes.io/hostname'),
  },
  {
    ids: ['kube-score pod-topology-spread-constraints', 'polaris topologySpreadConstraint'],
    breaks: ({pod}) => (pod.topologySpreadConstraints ?? []).length === 0,
  },
  {
    ids: ['kube-score deployment-has-poddisruptionbudget', 'polaris missingPodDisruptionBudget'],
    breaks: (workload, objects) => !budgetOf(workload, objects),
  },
  {
    ids: ['kube-linter pdb-unhealthy-pod-eviction-policy'],
    breaks: (workload, objects) => {
      const budget = budgetOf(workload, objects);
      return (
        !budget ||
        specOf<{unhealthyPodEvictionPolicy?: string}>(budget).unhealthyPodEvictionPolicy !== 'AlwaysAllow'
      );
    },
  },
  {
    ids: ['kube-linter pdb-max-unavailable', 'polaris pdbDisruptionsIsZero'],
    breaks: (workload, objects) => {
      const budget = budgetOf(workload, objects);
      return !budget || !(specOf<{maxUnavailable?: number}>(budget).maxUnavailable ?? 0);
    },
  },
  {
    ids: ['kube-score pod-probes', 'polaris livenessProbeMissing', 'polaris readinessProbeMissing'],
    breaks: someContainer(({livenessProbe, readinessProbe}) => !livenessProbe || !readinessProbe),
  },
  {
    ids: ['kube-score pod-probes-identical'],
    breaks: someContainer(
      ({livenessProbe, readinessProbe}) => handlerOf(livenessProbe) === handlerOf(readinessProbe),
    ),
  },
  {
    ids: [
      'kube-linter mismatching-selector',
      'kube-score deployment-pod-selector-labels-match-template-metadata-labels',
      'polaris metadataAndInstanceMismatched',
    ],
    breaks: workload => !workload.selector || !selects({matchLabels: workload.selector}, workload),
  },
];

export const rulesFor = (workload: Workload): PodRule[] =>
  isServer(workload) ? [...POD_RULES, ...SERVER_RULES] : POD_RULES;
