import {mkdirSync, renameSync, symlinkSync} from 'node:fs';
import path from 'node:path';
import {BIN, type ClusterNode, KUBEBUILDER_ASSETS, NODES, STATE} from './config.ts';
import {ensureControlPlane} from './control-plane.ts';
import {ensureGuestNode} from './guest-node.ts';
import {ensureNativeNode} from './native-node.ts';
import {ensureNetwork} from './network.ts';
import {findForeignRoot, own} from './owner.ts';
import {ensurePki} from './pki.ts';
import {listStarted, logOf} from './process.ts';
import {build, kubectl, say} from './shell.ts';
import {resetState} from './state.ts';
import {tearDown} from './teardown.ts';
import {ensureUsers} from './users.ts';

/** Replaced in one step: somebody may be running them. */
const ensureTools = (folder: string): void => {
  mkdirSync(BIN, {recursive: true});
  for (const tool of ['kubectl', 'helm']) {
    const part = path.join(BIN, `.${tool}.${process.pid}`);
    symlinkSync(path.join(folder, tool), part);
    renameSync(part, path.join(BIN, tool));
  }
};

const awaitNode = async ({name, kind}: ClusterNode): Promise<void> => {
  const log = logOf(kind === 'native' ? 'kubelet' : 'guest');
  try {
    await kubectl('wait', '--for=create', `node/${name}`, '--timeout=120s');
    await kubectl('wait', '--for=condition=Ready', `node/${name}`, '--timeout=120s');
  } catch (error) {
    throw new Error(`node ${name} did not become Ready, see ${log} (${(error as Error).message})`);
  }
};

const ENSURE = {native: ensureNativeNode, guest: ensureGuestNode};

/** Brings up what is not there yet of the control plane and the nodes asked for. */
export const bringUp = async (kinds: ClusterNode['kind'][]): Promise<void> => {
  const began = performance.now();
  const elapsed = (): string => `after ${((performance.now() - began) / 1000).toFixed(1)} s`;
  const tools = await build('tools');
  const builds = {cniBin: await build('packages'), kube: await build('kube'), pause: await build('pause')};
  if (kinds.includes('guest')) await build('guest-kernel');
  if (findForeignRoot()) await tearDown();
  own();
  if (listStarted().length === 0) await resetState();
  ensureTools(tools);
  await Promise.all([ensureNetwork(), ensurePki().then(ensureUsers)]);
  await Promise.all([
    ...kinds.map(kind => ENSURE[kind](builds)),
    ensureControlPlane(builds.kube).then(() =>
      say(`API server ready ${elapsed()}${KUBEBUILDER_ASSETS ? ` (from ${KUBEBUILDER_ASSETS})` : ''}`),
    ),
  ]);
  for (const kind of kinds) {
    await awaitNode(NODES[kind]);
    say(`${NODES[kind].name} (${kind}) Ready ${elapsed()}`);
  }
  await kubectl('wait', '--for=create', 'serviceaccount/default', '--timeout=120s');
  say(`up ${elapsed()}: export KUBECONFIG=${path.join(STATE, 'kubeconfig')}`);
};
