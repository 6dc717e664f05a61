import {existsSync} from 'node:fs';
import {writeFile} from 'node:fs/promises';
import {NETNS, NETWORK, NODES} from './config.ts';
import {run, succeeds} from './shell.ts';

const ENTER = ['nsenter', `--net=${NETNS}`] as const;
const inside = (...args: string[]): Promise<string> => run(...ENTER, 'ip', ...args);
const hasLink = (name: string): boolean => existsSync(`/sys/class/net/${name}`);

const ensureNamespace = async (): Promise<void> => {
  if (await succeeds(...ENTER, 'true')) return;
  await writeFile(NETNS, '');
  await run('unshare', `--net=${NETNS}`, 'true');
};

/**
 * The cluster has a network namespace of its own: its routes, taps, kube-proxy's and the kubelet's iptables rules
 * and sysctls live in it and go with it. The host keeps one end of a virtual cable and two routes.
 */
export const ensureNetwork = async (): Promise<void> => {
  const {hostLink, hostAddress, address} = NETWORK;
  await ensureNamespace();
  await inside('link', 'set', 'lo', 'up');
  if (!hasLink(hostLink))
    await inside('link', 'add', 'host0', 'type', 'veth', 'peer', 'name', hostLink, 'netns', `${process.pid}`);
  await inside('addr', 'replace', `${address}/30`, 'dev', 'host0');
  await inside('link', 'set', 'host0', 'up');
  await run('ip', 'addr', 'replace', `${hostAddress}/30`, 'dev', hostLink);
  await run('ip', 'link', 'set', hostLink, 'up');
  await inside('route', 'replace', 'default', 'via', hostAddress);
  for (const destination of [NETWORK.podCidr, NODES.guest.address])
    await run('ip', 'route', 'replace', destination, 'via', address);
  await run(...ENTER, 'sysctl', '-qw', 'net.ipv4.ip_forward=1');
};

/** The guest's cable: a tap beside the native node, and the way to the guest's pods through it. */
export const ensureGuestLink = async (): Promise<void> => {
  const {guestLink, guestGateway} = NETWORK;
  if (!(await succeeds(...ENTER, 'ip', 'link', 'show', guestLink)))
    await inside('tuntap', 'add', 'dev', guestLink, 'mode', 'tap');
  await inside('addr', 'replace', `${guestGateway}/30`, 'dev', guestLink);
  await inside('link', 'set', guestLink, 'up');
  await inside('route', 'replace', NODES.guest.podCidr, 'via', NODES.guest.address);
};

/** The link goes by itself, but some time after its namespace: asked for here, it is gone when this resolves. */
export const removeNetwork = async (): Promise<void> => {
  if (hasLink(NETWORK.hostLink)) await succeeds('ip', 'link', 'delete', NETWORK.hostLink);
  if (hasLink(NETWORK.hostLink))
    throw new Error(
      `the link ${NETWORK.hostLink} is still there: remove it with ip link delete ${NETWORK.hostLink}`,
    );
};
