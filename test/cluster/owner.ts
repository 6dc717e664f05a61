import {existsSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {hasPodCgroups, listPids} from './cgroup.ts';
import {ROOT, RUN, stateOf} from './config.ts';

const FILE = path.join(RUN, 'owner.json');

/**
 * Folders that containerd, CNI plugins, iptables and the kubelet make at fixed places, whatever they are told.
 * Those that were not there before the cluster are removed with it.
 */
const FIXED_PLACES = [
  '/var/lib/kubelet',
  '/var/lib/cni',
  '/var/lib/containerd',
  '/var/log/pods',
  '/var/log/containers',
  '/var/run/kubernetes',
  '/run/containerd',
  '/run/xtables.lock',
  '/etc/cni',
  '/opt/containerd',
  '/usr/libexec/kubernetes',
];

type Owner = {root: string; absentBefore: string[]};

const readOwner = (): Owner | undefined =>
  existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as Owner) : undefined;

/** The other checkout that the machine's cluster, or what is left of it, belongs to. */
export const findForeignRoot = (): string | undefined => {
  const owner = readOwner();
  return owner && owner.root !== ROOT ? owner.root : undefined;
};

/** The state folder of the cluster's owner, who may be another checkout. */
export const readOwnerState = (): string => stateOf(readOwner()?.root ?? ROOT);

/**
 * Refuses while a process of another checkout's cluster runs. What is left of a cluster that was killed, or whose
 * checkout was removed, serves nobody: whoever comes next may take it away.
 */
export const checkOwner = (): void => {
  const root = findForeignRoot();
  if (root && existsSync(root) && listPids().length > 0)
    throw new Error(`this machine's cluster belongs to ${root}: run \`make cluster-down\` there first`);
};

/** Makes the machine's only cluster ours, where nobody else's is left. */
export const own = (): void => {
  if (readOwner()) return;
  if (hasPodCgroups())
    throw new Error('this machine has /sys/fs/cgroup/.../kubepods: another kubelet runs here, stop it first');
  mkdirSync(RUN, {recursive: true});
  const absentBefore = FIXED_PLACES.filter(place => !existsSync(place));
  writeFileSync(FILE, JSON.stringify({root: ROOT, absentBefore} satisfies Owner));
};

/** The last act of a teardown: what the cluster's programs left at fixed places, and the claim itself. */
export const disown = (): void => {
  for (const place of readOwner()?.absentBefore ?? []) rmSync(place, {recursive: true, force: true});
  rmSync(RUN, {recursive: true, force: true});
};
