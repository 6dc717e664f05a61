import {randomBytes} from 'node:crypto';
import {existsSync} from 'node:fs';
import {mkdir, readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {KUBECONFIG, NODES, SERVER, STATE} from './config.ts';
import {readCa} from './pki.ts';

export const TOKENS = path.join(STATE, 'tokens.csv');

/** User and group of everyone who talks to the API server with a token: the names that RBAC and the Node authorizer know. */
const USERS: Record<string, {user: string; group?: string}> = {
  admin: {user: 'admin', group: 'system:masters'},
  'kube-controller-manager': {user: 'system:kube-controller-manager'},
  'kube-scheduler': {user: 'system:kube-scheduler'},
  'kube-proxy': {user: 'system:kube-proxy'},
  ...Object.fromEntries(
    Object.values(NODES).map(({name}) => [name, {user: `system:node:${name}`, group: 'system:nodes'}]),
  ),
};

export const kubeconfigOf = (name: string): string => path.join(STATE, 'kubeconfigs', name);

const formatKubeconfig = (token: string, ca: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'memoryprobe',
        cluster: {server: SERVER, 'certificate-authority-data': Buffer.from(ca).toString('base64')},
      },
    ],
    users: [{name: 'memoryprobe', user: {token}}],
    contexts: [{name: 'memoryprobe', context: {cluster: 'memoryprobe', user: 'memoryprobe'}}],
    'current-context': 'memoryprobe',
  });

/** Tokens for the API server and a kubeconfig for each user; the administrator's is the one that people use. */
export const ensureUsers = async (): Promise<void> => {
  if (existsSync(KUBECONFIG)) return;
  const ca = await readCa();
  await mkdir(kubeconfigOf(''), {recursive: true, mode: 0o700});
  const tokens = new Map(Object.keys(USERS).map(name => [name, randomBytes(24).toString('hex')]));
  const lines = Object.entries(USERS).map(
    ([name, {user, group}]) => `${tokens.get(name)},${user},${name}${group ? `,"${group}"` : ''}\n`,
  );
  await writeFile(TOKENS, lines.join(''), {mode: 0o600});
  for (const [name, token] of tokens)
    await writeFile(kubeconfigOf(name), formatKubeconfig(token, ca), {mode: 0o600});
  await writeFile(KUBECONFIG, await readFile(kubeconfigOf('admin')), {mode: 0o600});
};
