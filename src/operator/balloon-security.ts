import type {Method} from '../domain/settings.ts';

/** What one of our pods may do on its node: the least that does the work of its mode. docs/threat-model.md explains each. */
export type PodSecurity = {
  /** `securityContext` of the container. */
  container: object;
  /** Whether it only reads /sys/fs/cgroup. */
  readsOnly: boolean;
};

const READS = ['SYS_PTRACE', 'SYS_NICE'];
const ASKS = [...READS, 'DAC_OVERRIDE', 'IPC_LOCK'];

/**
 * A balloon enters another pod's cgroup, for which it has to see the host's cgroup namespace; so has one that presses the
 * node, to know where it sits. A repair has to work wherever a balloon did. Who only asks the kernel or only reads needs neither.
 */
export const securityOf = (component: 'balloon' | 'repair', method: Method): PodSecurity => {
  if (component === 'repair' || method === 'Balloon')
    return {
      readsOnly: false,
      container: {privileged: true, runAsUser: 0, readOnlyRootFilesystem: true},
    };
  return {
    readsOnly: method === 'Observe',
    container: confine(method === 'Observe' ? READS : ASKS),
  };
};

/**
 * Root, for the files are root's, with these capabilities alone. The profiles of AppArmor and SELinux that containers get would
 * keep it from reading the target's own processes.
 */
const confine = (add: string[]): object => ({
  privileged: false,
  allowPrivilegeEscalation: false,
  runAsUser: 0,
  readOnlyRootFilesystem: true,
  capabilities: {drop: ['ALL'], add},
  seccompProfile: {type: 'RuntimeDefault'},
  appArmorProfile: {type: 'Unconfined'},
  seLinuxOptions: {type: 'spc_t'},
});
