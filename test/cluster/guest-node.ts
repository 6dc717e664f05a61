import {existsSync} from 'node:fs';
import {mkdir, rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {GUEST_MEMORY, LOG, NETWORK, NODES} from './config.ts';
import type {Builds} from './native-node.ts';
import {ensureGuestLink} from './network.ts';
import {containerdCommand, kubeletCommand, proxyCommand, writeNodeSettings} from './node-settings.ts';
import {findPid, logOf, start} from './process.ts';
import {build, kubectl, until} from './shell.ts';

const node = NODES.guest;
const HERE = path.join(import.meta.dirname, 'guest');

/** A word that a shell takes for what it is. */
const quote = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;
const setArray = (name: string, words: string[]): string => `${name}=(${words.map(quote).join(' ')})\n`;
const setValue = ([name, value]: [string, string]): string => `${name}=${quote(value)}\n`;

const formatCommand = ({kube, pause}: Builds): string =>
  [
    ...Object.entries({
      address: node.address,
      gateway: NETWORK.guestGateway,
      data: node.data,
      run: node.run,
      log: LOG,
      pause,
    }).map(setValue),
    setArray('containerd', containerdCommand(node)),
    setArray('kubelet', kubeletCommand(kube, node)),
    setArray('proxy', proxyCommand(kube, node)),
    `. ${quote(path.join(HERE, 'node.sh'))}\n`,
  ].join('');

/** A new guest is a new machine: of the one before it not even the Node object is kept. */
const forgetLastGuest = async (): Promise<void> => {
  if (!existsSync(node.settings)) return;
  await until(
    'forgetting the last guest',
    () =>
      kubectl('delete', 'node', node.name, '--ignore-not-found').then(
        () => true,
        () => false,
      ),
    {seconds: 60, log: logOf('kube-apiserver')},
  );
  await rm(node.settings, {recursive: true});
};

/** Boots the node in a guest kernel with cgroup v2, unless it runs; it becomes Ready once it reaches the API server. */
export const ensureGuestNode = async (builds: Builds): Promise<void> => {
  if (findPid('guest')) return;
  const kernel = await build('guest-kernel');
  await forgetLastGuest();
  await ensureGuestLink();
  await writeNodeSettings(node, builds.cniBin);
  await mkdir(path.join(node.settings, 'inbox'));
  await writeFile(path.join(node.settings, 'command'), formatCommand(builds));
  const card = `vec0:transport=tap,ifname=${NETWORK.guestLink},depth=64`;
  await start('guest', [
    path.join(HERE, 'boot.sh'),
    ...[kernel, GUEST_MEMORY, node.settings, card, `host=${node.name}`, `write=${LOG}`],
  ]);
};
