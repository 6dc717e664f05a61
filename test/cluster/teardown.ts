import {readFileSync} from 'node:fs';
import {readdir, rm} from 'node:fs/promises';
import path from 'node:path';
import {removeCgroups} from './cgroup.ts';
import {RUN, STATE} from './config.ts';
import {removeNetwork} from './network.ts';
import {checkOwner, disown, readOwnerState} from './owner.ts';
import {killEverything} from './process.ts';
import {run, succeeds, until} from './shell.ts';
import {removeState} from './state.ts';

/** Folders whose mounts are the cluster's, latest first: /proc/self/mounts spells a space as \040. */
const listMounts = (): string[] =>
  readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map(line => (line.split(' ')[1] ?? '').replaceAll('\\040', ' '))
    .filter(directory => [STATE, readOwnerState(), RUN].some(folder => directory.startsWith(`${folder}/`)))
    .reverse();

const unmountEverything = (): Promise<void> =>
  until(
    'unmounting everything below the cluster',
    async () => {
      for (const directory of listMounts()) await succeeds('umount', directory);
      return listMounts().length === 0;
    },
    {seconds: 20, log: '/proc/self/mounts and `fuser -m`'},
  );

/** containerd's shims listen at a fixed place, and a killed shim leaves its socket; each container's folder names it. */
const removeShimSockets = async (): Promise<void> => {
  const tasks = path.join(RUN, 'node1/containerd/io.containerd.runtime.v2.task/k8s.io');
  for (const id of await readdir(tasks).catch(() => [])) {
    const address = await run('cat', path.join(tasks, id, 'address')).catch(() => '');
    if (address.startsWith('unix:///run/containerd/s/'))
      await rm(address.slice('unix://'.length), {force: true});
  }
};

/** A CNI plugin's cached results lie at a fixed place under the network's name. */
const removeCniResults = async (): Promise<void> => {
  const results = '/var/lib/cni/results';
  for (const name of await readdir(results).catch(() => []))
    if (name.startsWith('memoryprobe-')) await rm(path.join(results, name), {force: true});
};

/**
 * Takes the cluster away, in whatever state it is: nothing is asked to end, everything is killed, because nothing of it
 * is kept but the programs in .cluster/bin and the logs.
 */
export const tearDown = async (): Promise<void> => {
  checkOwner();
  await killEverything();
  await unmountEverything();
  await until('removing the cgroups', removeCgroups, {seconds: 20, log: '/sys/fs/cgroup'});
  await removeNetwork();
  await removeShimSockets();
  await removeCniResults();
  await removeState();
  disown();
};
