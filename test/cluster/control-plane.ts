import {writeFile} from 'node:fs/promises';
import path from 'node:path';
import {KUBEBUILDER_ASSETS, LOG, NETWORK, STATE} from './config.ts';
import {pkiFile} from './pki.ts';
import {awaitStarted, start} from './process.ts';
import {flags, kubectl} from './shell.ts';
import {kubeconfigOf, TOKENS} from './users.ts';

const AUDIT_POLICY = path.join(STATE, 'audit-policy.json');
const ETCD = 'http://127.0.0.1:2379';
const ETCD_PEER = 'http://127.0.0.1:2380';

/** Who changed what, but for the machinery's own traffic: tests count the writes of a probe's life in it. */
const auditPolicy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [
    {level: 'None', userGroups: ['system:nodes', 'system:serviceaccounts:kube-system']},
    {
      level: 'None',
      users: ['kube-controller-manager', 'kube-scheduler', 'kube-proxy', 'apiserver'].map(
        name => `system:${name}`,
      ),
    },
    {level: 'None', nonResourceURLs: ['/readyz*', '/livez*', '/healthz*', '/openapi*', '/api*', '/version']},
    {level: 'Metadata'},
  ],
};

const etcdFlags = flags({
  'data-dir': path.join(STATE, 'etcd'),
  'listen-client-urls': ETCD,
  'advertise-client-urls': ETCD,
  'listen-peer-urls': ETCD_PEER,
  'initial-advertise-peer-urls': ETCD_PEER,
  'initial-cluster': `default=${ETCD_PEER}`,
  // The data does not outlive the cluster.
  'unsafe-no-fsync': 'true',
});

const apiserverFlags = flags({
  'etcd-servers': ETCD,
  'secure-port': '6443',
  'advertise-address': NETWORK.address,
  'service-cluster-ip-range': NETWORK.serviceCidr,
  'client-ca-file': pkiFile('ca.crt'),
  'tls-cert-file': pkiFile('apiserver.crt'),
  'tls-private-key-file': pkiFile('apiserver.key'),
  'token-auth-file': TOKENS,
  'authorization-mode': 'Node,RBAC',
  'enable-admission-plugins': 'NodeRestriction',
  'allow-privileged': 'true',
  'service-account-issuer': 'https://kubernetes.default.svc',
  'service-account-signing-key-file': pkiFile('service-account.key'),
  'service-account-key-file': pkiFile('service-account.crt'),
  'kubelet-certificate-authority': pkiFile('ca.crt'),
  'kubelet-client-certificate': pkiFile('kubelet-client.crt'),
  'kubelet-client-key': pkiFile('kubelet-client.key'),
  'kubelet-preferred-address-types': 'InternalIP',
  'audit-policy-file': AUDIT_POLICY,
  'audit-log-path': path.join(LOG, 'audit.log'),
});

const asUser = (name: string): Record<string, string> => ({
  kubeconfig: kubeconfigOf(name),
  'authentication-kubeconfig': kubeconfigOf(name),
  'authorization-kubeconfig': kubeconfigOf(name),
  'cert-dir': pkiFile(name),
  'leader-elect': 'false',
});

const controllerManagerFlags = flags({
  ...asUser('kube-controller-manager'),
  'service-account-private-key-file': pkiFile('service-account.key'),
  'root-ca-file': pkiFile('ca.crt'),
  // Else the controllers have no rights, and a node keeps its not-ready taint.
  'use-service-account-credentials': 'true',
});

const isReady = (): Promise<boolean> =>
  kubectl('get', '--raw', '/readyz').then(
    answer => answer === 'ok',
    () => false,
  );

/** etcd, API server, controller manager and scheduler; resolves once the API server says that it is ready. */
export const ensureControlPlane = async (kube: string): Promise<void> => {
  const given = (name: string): string[] =>
    KUBEBUILDER_ASSETS ? [path.join(KUBEBUILDER_ASSETS, name)] : [kube, name];
  await writeFile(AUDIT_POLICY, JSON.stringify(auditPolicy));
  await start('etcd', [...given('etcd'), ...etcdFlags]);
  await start('kube-apiserver', [...given('kube-apiserver'), ...apiserverFlags]);
  await awaitStarted('kube-apiserver', isReady);
  await start('kube-controller-manager', [kube, 'kube-controller-manager', ...controllerManagerFlags]);
  await start('kube-scheduler', [kube, 'kube-scheduler', ...flags(asUser('kube-scheduler'))]);
};
