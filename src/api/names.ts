/** Names that users, the chart and the API server know. */
export const GROUP = 'memoryprobe.dev';
export const VERSION = 'v1alpha1';
export const API_VERSION = `${GROUP}/${VERSION}`;
export const KIND = 'MemoryProbe';
export const PLURAL = 'memoryprobes';

/** Keeps a MemoryProbe while a balloon pod for it may exist: owner references do not cross namespaces. */
export const FINALIZER = 'memoryprobe.dev/balloon';

/** The owner of the fields that the operator applies. */
export const FIELD_MANAGER = 'memoryprobe';

/** Labels of the pods that the operator makes. */
export const LABEL = {
  name: 'app.kubernetes.io/name',
  component: 'app.kubernetes.io/component',
  managedBy: 'app.kubernetes.io/managed-by',
  probeUid: 'memoryprobe.dev/probe-uid',
} as const;
export const APP_NAME = 'memoryprobe';

/** The Lease that says which operator acts. */
export const LEASE_NAME = 'memoryprobe-operator';

/** Annotation of a balloon pod: the probe's namespace and name, which are too long for a label. */
export const PROBE_ANNOTATION = 'memoryprobe.dev/probe';

/** A pod's own word on which of its containers is meant. */
export const DEFAULT_CONTAINER_ANNOTATION = 'kubectl.kubernetes.io/default-container';

/** Set by the kubelet on the API server's copy of a static pod. */
export const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror';

/** The environment variable in which the agent finds its settings. */
export const SETTINGS_VARIABLE = 'MEMORYPROBE_SETTINGS';

/** Who asks for a squeeze of a whole node: the admission policy makes sure that it is true, and stays. */
export const REQUESTED_BY_ANNOTATION = 'memoryprobe.dev/requested-by';

/** Groups of that user, separated by commas: needed where a group has the right, for no answer of the API tells them. */
export const REQUESTED_GROUPS_ANNOTATION = 'memoryprobe.dev/requested-by-groups';

/** The verb on memoryprobes that lets a user ask for spec.pressure.scope Node. */
export const NODE_SCOPE_VERB = 'squeeze-node';

/** The label of a namespace whose probes may run, where an administrator demands one. */
export const OPT_IN_LABEL = {name: 'memoryprobe.dev/probes', value: 'allowed'} as const;

/** The stop switch: while a ConfigMap of this name is in the operator's namespace, no balloon may be. */
export const STOP_SWITCH_NAME = 'memoryprobe-stop';
