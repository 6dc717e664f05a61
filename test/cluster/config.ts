import path from 'node:path';

/** Everything about the embedded cluster that a second one on the same machine would have to change. */
export const ROOT = path.resolve(import.meta.dirname, '../..');
const NAME = 'memoryprobe-cluster';

/** The state of a checkout's cluster; the long builds are kept elsewhere. */
export const stateOf = (root: string): string => path.join(root, '.cluster');
export const STATE = stateOf(ROOT);
export const LOG = path.join(STATE, 'log');
export const BIN = path.join(STATE, 'bin');
export const KUBECONFIG = path.join(STATE, 'kubeconfig');

/** What only this boot of the machine knows: the owner, process ids, sockets (whose paths must be short). */
export const RUN = `/run/${NAME}`;
/** The processes of the cluster, but the pods', live in a cgroup of this name and in this network namespace. */
export const CGROUP = NAME;
export const NETNS = `${RUN}/netns`;

/** A process inside the network namespace sees these; the host reaches them through one pair of virtual cables. */
export const NETWORK = {
  hostLink: 'mpcluster0',
  hostAddress: '10.246.1.1',
  address: '10.246.1.2',
  guestLink: 'mpguest0',
  guestGateway: '10.246.2.1',
  podCidr: '10.244.0.0/16',
  serviceCidr: '10.96.0.0/16',
  apiService: '10.96.0.1',
} as const;
export const SERVER = `https://${NETWORK.address}:6443`;

export type ClusterNode = {
  kind: 'native' | 'guest';
  name: string;
  address: string;
  podCidr: string;
  /** The node's settings: on the host and, through a shared folder of the same path, in the guest. */
  settings: string;
  /** Where images, pods' volumes and logs lie: in the guest a tmpfs, so that nothing of it outlives the guest. */
  data: string;
  run: string;
};

export const NODES: Record<ClusterNode['kind'], ClusterNode> = {
  native: {
    kind: 'native',
    name: 'node1',
    address: NETWORK.address,
    podCidr: '10.244.1.0/24',
    settings: path.join(STATE, 'node1'),
    data: path.join(STATE, 'node1/data'),
    run: `${RUN}/node1`,
  },
  guest: {
    kind: 'guest',
    name: 'node2',
    address: '10.246.2.2',
    podCidr: '10.244.2.0/24',
    settings: path.join(STATE, 'node2'),
    data: '/node',
    run: `${RUN}/node2`,
  },
};

/** Guest memory lies in /dev/shm, page by page as the guest touches it. */
export const GUEST_MEMORY = process.env.GUEST_MEMORY ?? '3G';

/** The nodes that are asked for: words of NODES, `native` alone if it is empty. */
export const readNodeKinds = (): ClusterNode['kind'][] => {
  const words = (process.env.NODES ?? '').split(/\s+/).filter(Boolean);
  const unknown = words.find(word => !(word in NODES));
  if (unknown) throw new Error(`NODES has "${unknown}": only "native" and "guest" are known`);
  return words.length === 0 ? ['native'] : (words as ClusterNode['kind'][]);
};

/** etcd and kube-apiserver of the envtest convention, where somebody has them already. */
export const KUBEBUILDER_ASSETS = process.env.KUBEBUILDER_ASSETS;
