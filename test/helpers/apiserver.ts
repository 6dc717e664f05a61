import {type ChildProcess, execFileSync, spawn} from 'node:child_process';
import {generateKeyPairSync, randomBytes} from 'node:crypto';
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import {createServer} from 'node:net';
import {homedir, tmpdir} from 'node:os';
import path from 'node:path';

/** A real kube-apiserver over a real etcd, on loopback, with nothing else: the tests play the kubelet. */
export type ApiServer = {
  server: string;
  /** Kubeconfig of a cluster administrator. */
  kubeconfig: string;
  /** Kubeconfig of this user, with the rights that RBAC gives it and no more. */
  kubeconfigOf: (user: string) => string;
  /** Requests as the audit log has them, oldest first. */
  audit: () => AuditEntry[];
  stop: () => Promise<void>;
};

export type AuditEntry = {
  verb: string;
  user: {username: string};
  requestURI: string;
  objectRef?: {apiGroup?: string; resource: string; subresource?: string; namespace?: string; name?: string};
  responseStatus?: {code: number};
  /** When it came to the API server: RFC 3339 with six digits. */
  requestReceivedTimestamp: string;
};

type Binaries = {etcd: string[]; apiserver: string[]};

/** KUBEBUILDER_ASSETS (the envtest convention), or what `make cluster-up` built. */
export const findBinaries = (): Binaries | undefined => {
  const assets = process.env.KUBEBUILDER_ASSETS;
  if (assets && existsSync(path.join(assets, 'kube-apiserver')))
    return {etcd: [path.join(assets, 'etcd')], apiserver: [path.join(assets, 'kube-apiserver')]};
  const cache =
    process.env.CACHE ??
    path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'memoryprobe');
  const built = globSync(path.join(cache, 'kube-*/kube')).sort(
    (a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs,
  )[0];
  return built === undefined ? undefined : {etcd: [built, 'etcd'], apiserver: [built, 'kube-apiserver']};
};

/** What to print where there is none. */
export const NO_BINARIES =
  'skipped: no kube-apiserver; run `make cluster-up` once, or set KUBEBUILDER_ASSETS to a folder with etcd and kube-apiserver';

const USERS = {
  admin: 'system:masters',
  'system:serviceaccount:memoryprobe-system:memoryprobe': 'system:serviceaccounts',
  /** People who have what a test gives them. */
  tenant: 'developers',
  ada: 'sre',
  /** Operators that are told apart in the audit log. */
  'operator-a': 'system:masters',
  'operator-b': 'system:masters',
  'operator-c': 'system:masters',
};

export const startApiServer = async (): Promise<ApiServer> => {
  const binaries = findBinaries();
  if (!binaries) throw new Error(NO_BINARIES);
  const root = mkdtempSync(path.join(tmpdir(), 'apiserver-'));
  const [client, peer, secure] = await freePorts(3);
  const tokens = new Map(Object.keys(USERS).map(user => [user, randomBytes(16).toString('hex')]));
  writeFixtures(root, tokens);
  const children = [
    start(binaries.etcd, etcdFlags(root, client, peer), path.join(root, 'etcd.log')),
    start(binaries.apiserver, apiServerFlags(root, client, secure), path.join(root, 'apiserver.log')),
  ];
  const server = `https://127.0.0.1:${secure}`;
  const stop = async () => {
    await Promise.all(children.reverse().map(end));
    rmSync(root, {recursive: true, force: true});
  };
  const kubeconfigOf = (user: string) => writeKubeconfig(root, server, user, tokens.get(user) ?? '');
  try {
    await waitReady(server, tokens.get('admin') ?? '', children, root);
  } catch (error) {
    await stop();
    throw error;
  }
  return {server, kubeconfig: kubeconfigOf('admin'), kubeconfigOf, audit: () => readAudit(root), stop};
};

const writeFixtures = (root: string, tokens: Map<string, string>): void => {
  mkdirSync(path.join(root, 'pki'));
  const {privateKey} = generateKeyPairSync('rsa', {modulusLength: 2048});
  writeFileSync(path.join(root, 'sa.key'), privateKey.export({type: 'pkcs1', format: 'pem'}));
  const rows = Object.entries(USERS).map(([user, group]) => `${tokens.get(user)},${user},${user},"${group}"`);
  writeFileSync(path.join(root, 'tokens.csv'), `${rows.join('\n')}\n`);
  const policy = {
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived'],
    rules: [{level: 'Metadata', users: Object.keys(USERS)}, {level: 'None'}],
  };
  writeFileSync(path.join(root, 'audit-policy.yaml'), JSON.stringify(policy));
};

const etcdFlags = (root: string, client: number, peer: number): string[] => [
  `--data-dir=${root}/etcd`,
  `--listen-client-urls=http://127.0.0.1:${client}`,
  `--advertise-client-urls=http://127.0.0.1:${client}`,
  `--listen-peer-urls=http://127.0.0.1:${peer}`,
  `--initial-advertise-peer-urls=http://127.0.0.1:${peer}`,
  `--initial-cluster=default=http://127.0.0.1:${peer}`,
  '--unsafe-no-fsync',
];

const apiServerFlags = (root: string, etcd: number, secure: number): string[] => [
  `--etcd-servers=http://127.0.0.1:${etcd}`,
  `--secure-port=${secure}`,
  '--bind-address=127.0.0.1',
  '--advertise-address=127.0.0.1',
  `--cert-dir=${root}/pki`,
  `--token-auth-file=${root}/tokens.csv`,
  '--authorization-mode=RBAC',
  '--service-account-issuer=https://kubernetes.default.svc',
  `--service-account-signing-key-file=${root}/sa.key`,
  `--service-account-key-file=${root}/sa.key`,
  '--service-cluster-ip-range=10.96.0.0/16',
  '--allow-privileged',
  // Nobody makes service accounts here, so pods must do without one.
  '--disable-admission-plugins=ServiceAccount',
  '--endpoint-reconciler-type=none',
  `--audit-policy-file=${root}/audit-policy.yaml`,
  `--audit-log-path=${root}/audit.log`,
];

/** With setpriv the kernel ends it should this process be killed; without, it is only ended by `stop`. */
const start = (words: string[], flags: string[], logFile: string): ChildProcess => {
  const log = openSync(logFile, 'a');
  const guard = existsSync('/usr/bin/setpriv') ? ['/usr/bin/setpriv', '--pdeathsig', 'KILL'] : [];
  const [command = '', ...args] = [...guard, ...words, ...flags];
  return spawn(command, args, {stdio: ['ignore', log, log]});
};

const end = (child: ChildProcess): Promise<void> =>
  new Promise(resolve => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });

const waitReady = async (
  server: string,
  token: string,
  children: ChildProcess[],
  root: string,
): Promise<void> => {
  const deadlineMs = performance.now() + 60_000;
  for (;;) {
    if (isReady(server, token)) return;
    const dead = children.some(child => child.exitCode !== null);
    if (dead || performance.now() > deadlineMs)
      throw new Error(
        `the API server did not start:\n${readFileSync(path.join(root, 'apiserver.log'), 'utf8').slice(-2000)}`,
      );
    await new Promise(resolve => setTimeout(resolve, 100));
  }
};

const isReady = (server: string, token: string): boolean => {
  try {
    const flags = ['-sk', '-H', `Authorization: Bearer ${token}`, `${server}/readyz`];
    return execFileSync('curl', flags, {encoding: 'utf8'}) === 'ok';
  } catch {
    // Not listening yet.
    return false;
  }
};

const writeKubeconfig = (root: string, server: string, user: string, token: string): string => {
  const file = path.join(root, `${user.replaceAll(/\W/g, '-')}.kubeconfig`);
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{name: 'c', cluster: {server, 'certificate-authority': path.join(root, 'pki/apiserver.crt')}}],
    users: [{name: 'u', user: {token}}],
    contexts: [{name: 'x', context: {cluster: 'c', user: 'u'}}],
    'current-context': 'x',
  };
  writeFileSync(file, JSON.stringify(config));
  return file;
};

const readAudit = (root: string): AuditEntry[] =>
  readFileSync(path.join(root, 'audit.log'), 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as AuditEntry);

/** Ports that were free a moment ago. All are held until all are known, so that none is given twice. */
const freePorts = async (count: number): Promise<[number, number, number]> => {
  const servers = await Promise.all(
    Array.from({length: count}, async () => {
      const server = createServer();
      await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map(server => (server.address() as {port: number}).port);
  await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))));
  return ports as [number, number, number];
};
