/** Directories of one container and of its pod, as they were given. */
export type ContainerCgroup = {container: string; pod: string};

/**
 * Finds a container's directory, and its pod's, among the directories below a cgroup mount. All that is compared is
 * the container's id: a static pod's directory carries another uid than the API server's.
 *
 * - cgroupfs: `/kubepods/burstable/pod<uid>/<id>`
 * - systemd: `/kubepods.slice/.../kubepods-burstable-pod<uid_with_underscores>.slice/cri-containerd-<id>.scope`
 * - CRI-O: `.../kubepods-burstable-pod<uid>.slice/crio-<id>.scope`, its monitor beside it as `crio-conmon-<id>.scope`
 *
 * A container may have cgroups of its own inside, so the shallowest directory wins. Undefined where none matches, or
 * where what is around it is no pod's directory: pressure there would be felt by others.
 */
export const findContainerCgroup = (
  directories: readonly string[],
  containerID: string,
): ContainerCgroup | undefined => {
  const id = bareContainerID(containerID);
  if (id === '') return undefined;
  const found = directories
    .map(trimSlashes)
    .filter(directory => isContainerName(baseName(directory), id))
    .sort((a, b) => depthOf(a) - depthOf(b) || (a < b ? -1 : 1))[0];
  const pod = found?.slice(0, found.lastIndexOf('/'));
  return found && pod && POD_NAME.test(baseName(pod)) ? {container: found, pod} : undefined;
};

/** The id in pod status carries its runtime: `containerd://0123...` is `0123...`. */
export const bareContainerID = (containerID: string): string => containerID.replace(/^[\w.+-]*:\/\//, '');

/** Kind nests the kubelet's tree in one more slice, so anything may stand before `pod`. */
const POD_NAME = /(?:^|-)pod[0-9a-f][0-9a-f_-]*(?:\.slice)?$/i;

/** Whether a directory is a pod's, by its name. */
export const isPodDirectory = (directory: string): boolean => POD_NAME.test(baseName(trimSlashes(directory)));

/**
 * The cgroup of its own that a process is in, by the names that systemd and container runtimes give: the innermost that is a
 * service or a container, of itself and those around it. Undefined where none is: a session, a slice, the root.
 *
 * - `/system.slice/nginx.service`, `/docker/<id>`, `/system.slice/docker-<id>.scope`, `/machine.slice/libpod-<id>.scope/container`
 */
export const findOwnCgroup = (directory: string): string | undefined => {
  const parts = trimSlashes(directory).split('/');
  for (let depth = parts.length; depth > 1; depth -= 1)
    if (OWN_NAME.test(parts[depth - 1] ?? '')) return parts.slice(0, depth).join('/');
  return undefined;
};

/** A service, or a container by its id of 64 digits. The services of a user's manager are below one of that name. */
const OWN_NAME = /^(?!user@\d+\.service$).*\.service$|(?:^|-)[0-9a-f]{64}(?:\.scope)?$/;

const RUNTIME_PREFIXES = ['', 'cri-containerd-', 'crio-', 'docker-'];
const isContainerName = (name: string, id: string): boolean =>
  RUNTIME_PREFIXES.some(prefix => name === prefix + id || name === `${prefix}${id}.scope`);

const trimSlashes = (directory: string): string => directory.replace(/\/+$/, '');
const baseName = (directory: string): string => directory.slice(directory.lastIndexOf('/') + 1);
const depthOf = (directory: string): number => directory.split('/').length;

/** Where a process is in the memory controller's hierarchy. */
export type ProcessCgroup = {version: 1 | 2; path: string};

/**
 * /proc/PID/cgroup: the memory controller's line of v1 where there is one (also on a hybrid system), else v2's.
 *
 *     4:memory:/kubepods/burstable/pod1d0ca3f5-8e4b-4d2e-a3a5-0e6a9d8f5c11/0123abcd
 *     0::/kubepods.slice/kubepods-pod1d0ca3f5_8e4b.slice/cri-containerd-0123abcd.scope
 *
 * Undefined for a removed cgroup and for text without such a line. Source: cgroups(7).
 */
export const parseProcessCgroup = (text: string): ProcessCgroup | undefined => {
  const lines = text.split('\n').map(line => /^(\d+):([^:]*):(\/.*)$/.exec(line) ?? []);
  const v1 = lines.find(([, , controllers]) => controllers?.split(',').includes('memory'));
  const path = (v1 ?? lines.find(([, hierarchy]) => hierarchy === '0'))?.[3];
  return path === undefined || path.endsWith(' (deleted)') ? undefined : {version: v1 ? 1 : 2, path};
};
