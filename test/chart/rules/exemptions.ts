/** What breaks a rule on purpose. A row that is not needed any more is an error, and so is a break without a row. */
export type Exemption = {
  /** Kind and name of a workload or object. */
  who: RegExp;
  /** Beginnings of the rules' ids; one of a rule's ids is enough. */
  rules: string[];
  why: string;
};

const OURS = /^(Deployment|Job|Pod) memoryprobe/;
const TEST = /^(Deployment target|Pod helm-test)$/;
const BALLOON = /^Pod (balloon|repair)-/;

export const EXEMPTIONS: Exemption[] = [
  {
    who: /./,
    rules: ['kube-score container-image-pull-policy'],
    why: 'a tag of a release never changes and a digest cannot: a node that has the image needs no registry',
  },
  {
    who: /./,
    rules: ['kube-score container-resources', 'polaris cpuLimitsMissing'],
    why: 'a CPU limit throttles: an operator that waits lets probes wait, an agent that waits lets go too late',
  },
  {
    who: OURS,
    rules: ['polaris automountServiceAccountToken'],
    why: 'it talks to the API server; its ServiceAccount mounts nothing by itself',
  },
  {
    who: /^Pod helm-test$/,
    rules: ['polaris automountServiceAccountToken'],
    why: 'it reads one MemoryProbe; its ServiceAccount mounts nothing by itself',
  },
  {
    who: TEST,
    rules: ['polaris priorityClassNotSet'],
    why: 'a test needs no rank, and displaces nobody',
  },
  {
    who: BALLOON,
    rules: ['kube-linter privileged-container'],
    why: "it makes a cgroup under the target's pod, writes that pod's limits and reads the smaps of its processes",
  },
  {
    who: BALLOON,
    rules: ['kube-linter privilege-escalation-container', 'kube-linter drop-net-raw-capability'],
    why: 'a privileged container has all capabilities, and the API server refuses to take the others away from it',
  },
  {
    who: BALLOON,
    rules: ['kube-score container-seccomp-profile'],
    why: 'a privileged container runs unconfined whatever its profile says',
  },
  {
    who: BALLOON,
    rules: ['kube-linter run-as-non-root', 'kube-score container-security-context-user-group-id'],
    why: "cgroup files and other users' smaps are root's",
  },
  {
    who: BALLOON,
    rules: ['kube-linter host-pid'],
    why: "it looks at the target's processes",
  },
  {
    who: BALLOON,
    rules: ['kube-linter sensitive-host-mounts', 'kube-linter writable-host-mount'],
    why: "/sys/fs/cgroup alone: where the target's cgroup is",
  },
  {
    who: BALLOON,
    rules: ['kube-linter unset-memory-requirements', 'kube-score container-resources (memory limit)'],
    why: 'no request: it is the first to be evicted. No limit: the balloon is no memory of its own pod but of the target, and has a cap in its cgroup; with scope Node the cap is the node floor',
  },
  {
    who: BALLOON,
    rules: ['kube-score container-ephemeral-storage'],
    why: 'it writes nothing but its log, a few lines a round, and lives for seconds',
  },
  {
    who: BALLOON,
    rules: ['kube-linter default-service-account'],
    why: 'it has no token and talks to nobody',
  },
  {
    who: /^Role memoryprobe$/,
    rules: ['kube-linter access-to-create-pods'],
    why: "balloon and repair pods, in the operator's own namespace alone",
  },
];
