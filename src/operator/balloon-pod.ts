import {createHash} from 'node:crypto';
import {APP_NAME, LABEL, PROBE_ANNOTATION, SETTINGS_VARIABLE} from '../api/names.ts';
import type {Settings} from '../domain/settings.ts';
import type {Seconds} from '../domain/units.ts';
import {securityOf} from './balloon-security.ts';
import type {Config} from './config.ts';
import type {Toleration} from './facts.ts';

export type Component = 'balloon' | 'repair';

/** What distinguishes one of our pods from another. */
export type PodOrder = {
  component: Component;
  settings: Settings;
  tolerations: Toleration[];
  /** The kubelet ends the pod so long after it took it on, even with the operator gone (invariant I2). */
  activeDeadlineSeconds: Seconds;
};

/** What the kubelet gives the agent between asking it to end and killing it: enough to restore and to report. */
export const TERMINATION_SECONDS = 5;

/** One name for each node: the API server itself allows only one balloon pod there (invariant I1). */
export const podNameOf = (component: Component, nodeName: string): string =>
  `${component}-${createHash('sha256').update(nodeName).digest('hex').slice(0, 12)}`;

/** Also before it is bound: the scheduler checks taints and room, which `spec.nodeName` would skip. */
const affinityTo = (nodeName: string) => ({
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{matchFields: [{key: 'metadata.name', operator: 'In', values: [nodeName]}]}],
    },
  },
});

const UNSCHEDULABLE: Toleration = {
  key: 'node.kubernetes.io/unschedulable',
  operator: 'Exists',
  effect: 'NoSchedule',
};

/** The manifest of a balloon or repair pod. Nothing in it but the settings' values comes from the MemoryProbe. */
export const buildPod = (order: PodOrder, config: Config): object => {
  const {component, settings} = order;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: podNameOf(component, settings.target.nodeName),
      namespace: config.namespace,
      labels: {
        [LABEL.name]: APP_NAME,
        [LABEL.component]: component,
        [LABEL.managedBy]: APP_NAME,
        [LABEL.probeUid]: settings.probe.uid,
      },
      annotations: {[PROBE_ANNOTATION]: `${settings.probe.namespace}/${settings.probe.name}`},
    },
    spec: {
      affinity: affinityTo(settings.target.nodeName),
      tolerations: [...order.tolerations, UNSCHEDULABLE],
      hostPID: true,
      restartPolicy: 'Never',
      activeDeadlineSeconds: order.activeDeadlineSeconds,
      terminationGracePeriodSeconds: TERMINATION_SECONDS,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      ...(config.balloonPriorityClass !== undefined && {priorityClassName: config.balloonPriorityClass}),
      imagePullSecrets: config.balloonImagePullSecrets.map(name => ({name})),
      containers: [buildContainer(order, config)],
      volumes: [{name: 'cgroup', hostPath: {path: '/sys/fs/cgroup', type: 'Directory'}}],
    },
  };
};

const buildContainer = (order: PodOrder, config: Config) => {
  const {component, settings} = order;
  const {container, readsOnly} = securityOf(component, settings.pressure.method);
  return {
    name: 'agent',
    image: config.balloonImage,
    imagePullPolicy: config.balloonImagePullPolicy,
    ...(component === 'repair' && {args: ['repair']}),
    env: [{name: SETTINGS_VARIABLE, value: JSON.stringify(settings)}],
    // Without a CPU request the guard would starve on a busy node; without a memory request it is the first to go.
    resources: {requests: {cpu: '100m'}},
    terminationMessagePolicy: 'File',
    securityContext: container,
    volumeMounts: [{name: 'cgroup', mountPath: '/sys/fs/cgroup', readOnly: readsOnly}],
  };
};
