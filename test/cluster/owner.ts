import {existsSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {hasPodCgroups} from './cgroup.ts';
import {ROOT, RUN} from './config.ts';

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

/** Refuses when the machine's cluster belongs to another checkout that still exists. */
const refuseForeign = ({root}: Owner): void => {
  if (root !== ROOT && existsSync(root))
    throw new Error(`this machine's cluster belongs to ${root}: run \`make cluster-down\` there first`);
};

export const checkOwner = (): void => {
  const owner = readOwner();
  if (owner) refuseForeign(owner);
};

/** Makes the machine's only cluster ours. */
export const own = (): void => {
  const owner = readOwner();
  if (owner) {
    refuseForeign(owner);
    return;
  }
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
