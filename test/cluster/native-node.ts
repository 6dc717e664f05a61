import {mkdir} from 'node:fs/promises';
import {NODES} from './config.ts';
import {importImage} from './images.ts';
import {
  containerdCommand,
  containerdSocket,
  kubeletCommand,
  proxyCommand,
  writeNodeSettings,
} from './node-settings.ts';
import {awaitStarted, start} from './process.ts';
import {succeeds} from './shell.ts';

const node = NODES.native;

export type Builds = {kube: string; pause: string; cniBin: string};

/** containerd, kubelet and kube-proxy on this machine, whatever cgroup version it has. */
export const ensureNativeNode = async ({kube, pause, cniBin}: Builds): Promise<void> => {
  await writeNodeSettings(node, cniBin);
  await mkdir(node.data, {recursive: true});
  await mkdir(node.run, {recursive: true});
  await start('containerd', containerdCommand(node));
  await awaitStarted('containerd', () => succeeds('ctr', '-a', containerdSocket(node), 'version'));
  await importImage('native', pause);
  await start('kubelet', kubeletCommand(kube, node));
  await start('kube-proxy', proxyCommand(kube, node));
};
