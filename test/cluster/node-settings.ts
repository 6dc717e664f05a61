import {copyFile, mkdir, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {type ClusterNode, NETWORK} from './config.ts';
import {pkiFile} from './pki.ts';
import {flags} from './shell.ts';
import {kubeconfigOf} from './users.ts';

export const PAUSE_IMAGE = 'localhost/memoryprobe-pause:1';

export const containerdSocket = ({run}: ClusterNode): string => `${run}/containerd.sock`;

/** A cable for each pod and no bridge: all traffic passes the node's own rules, so that services work within a node. */
const cniConfig = ({podCidr, data}: ClusterNode): string =>
  JSON.stringify({
    cniVersion: '0.4.0',
    name: 'memoryprobe',
    plugins: [
      {
        type: 'ptp',
        ipMasq: false,
        ipam: {
          type: 'host-local',
          dataDir: path.join(data, 'ipam'),
          ranges: [[{subnet: podCidr}]],
          routes: [{dst: '0.0.0.0/0'}],
        },
      },
    ],
  });

/**
 * restrict_oom_score_adj: without CAP_SYS_RESOURCE a sandbox with -998 fails with "can't get final child's PID".
 * netns_mounts_under_state_dir: the pods' namespaces lie where a teardown finds them.
 */
const containerdConfig = (node: ClusterNode, cniBin: string): string => `version = 2
root = "${node.data}/containerd"
state = "${node.run}/containerd"
[grpc]
  address = "${containerdSocket(node)}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${PAUSE_IMAGE}"
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${cniBin}"
    conf_dir = "${node.settings}/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
`;

const kubeletConfig = (node: ClusterNode): string =>
  JSON.stringify({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    cgroupDriver: 'cgroupfs',
    containerRuntimeEndpoint: `unix://${containerdSocket(node)}`,
    failSwapOn: false,
    failCgroupV1: false,
    enforceNodeAllocatable: [],
    authentication: {
      anonymous: {enabled: false},
      webhook: {enabled: true},
      x509: {clientCAFile: `${node.settings}/ca.crt`},
    },
    authorization: {mode: 'Webhook'},
    address: node.address,
    resolvConf: '',
    readOnlyPort: 0,
    healthzPort: 0,
    tlsCertFile: `${node.settings}/kubelet.crt`,
    tlsPrivateKeyFile: `${node.settings}/kubelet.key`,
    podLogsDir: `${node.data}/pod-logs`,
    volumePluginDir: `${node.data}/volume-plugins`,
    evictionHard: {'memory.available': '100Mi', 'nodefs.available': '1%', 'imagefs.available': '1%'},
    // Loaded images have no registry to come back from.
    imageGCHighThresholdPercent: 100,
  });

/** Writes what the node's programs read; the same files serve on the host and, through the shared folder, in the guest. */
export const writeNodeSettings = async (node: ClusterNode, cniBin: string): Promise<void> => {
  const file = (name: string): string => path.join(node.settings, name);
  await mkdir(file('cni'), {recursive: true});
  await writeFile(file('cni/10-memoryprobe.conflist'), cniConfig(node));
  await writeFile(file('containerd.toml'), containerdConfig(node, cniBin));
  await writeFile(file('kubelet.json'), kubeletConfig(node));
  await copyFile(pkiFile('ca.crt'), file('ca.crt'));
  await copyFile(pkiFile(`${node.name}.crt`), file('kubelet.crt'));
  await copyFile(pkiFile(`${node.name}.key`), file('kubelet.key'));
  await copyFile(kubeconfigOf(node.name), file('kubelet.kubeconfig'));
  await copyFile(kubeconfigOf('kube-proxy'), file('kube-proxy.kubeconfig'));
};

export const containerdCommand = ({settings}: ClusterNode): string[] => [
  'containerd',
  '--config',
  `${settings}/containerd.toml`,
];

export const kubeletCommand = (kube: string, node: ClusterNode): string[] => [
  kube,
  'kubelet',
  ...flags({
    kubeconfig: `${node.settings}/kubelet.kubeconfig`,
    config: `${node.settings}/kubelet.json`,
    'root-dir': `${node.data}/kubelet`,
    'cert-dir': `${node.data}/kubelet/pki`,
    'hostname-override': node.name,
    // cAdvisor looks there by itself: without it /metrics/cadvisor tells of pods, and of no container.
    containerd: containerdSocket(node),
    // A loopback address would be refused.
    'node-ip': node.address,
    'node-labels': `memoryprobe.dev/lab-node=${node.kind}`,
  }),
];

export const proxyCommand = (kube: string, node: ClusterNode): string[] => [
  kube,
  'kube-proxy',
  ...flags({
    kubeconfig: `${node.settings}/kube-proxy.kubeconfig`,
    'hostname-override': node.name,
    'bind-address': node.address,
    'cluster-cidr': NETWORK.podCidr,
    'proxy-mode': 'iptables',
    // The connection table's limits belong to the machine: they are read-only in a network namespace.
    'conntrack-max-per-core': '0',
    'conntrack-tcp-timeout-established': '0s',
    'conntrack-tcp-timeout-close-wait': '0s',
  }),
];
