import {copyFile, rm} from 'node:fs/promises';
import path from 'node:path';
import {type ClusterNode, NODES} from './config.ts';
import {containerdSocket} from './node-settings.ts';
import {findPid} from './process.ts';
import {run} from './shell.ts';

const importWords = (node: ClusterNode, archive: string): string[] => [
  'ctr',
  ...['--address', containerdSocket(node), '--namespace', 'k8s.io'],
  ...['images', 'import', '--digests=false', archive],
];

const importIntoGuest = async (archive: string): Promise<void> => {
  // Through the shared folder: what the guest once saw of the host's other files it may have cached.
  const shared = path.join(NODES.guest.settings, `image-${process.pid}.tar`);
  await copyFile(archive, shared);
  try {
    await run(path.join(import.meta.dirname, 'guest-exec'), importWords(NODES.guest, shared).join(' '));
  } finally {
    await rm(shared);
  }
};

/** Imports an image archive (Docker's or OCI's) into the image store of one node. */
export const importImage = async (kind: ClusterNode['kind'], archive: string): Promise<void> => {
  if (kind === 'guest') return importIntoGuest(archive);
  const [command = '', ...words] = importWords(NODES.native, archive);
  await run(command, ...words);
};

/** The kinds of node that run at the moment. */
export const runningKinds = (): ClusterNode['kind'][] => [
  ...(findPid('kubelet') ? (['native'] as const) : []),
  ...(findPid('guest') ? (['guest'] as const) : []),
];
