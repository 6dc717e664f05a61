import {existsSync} from 'node:fs';
import {mkdir, readFile, rename} from 'node:fs/promises';
import path from 'node:path';
import {NETWORK, NODES, STATE} from './config.ts';
import {run} from './shell.ts';

const PKI = path.join(STATE, 'pki');
const CURVE = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

export const pkiFile = (name: string): string => path.join(PKI, name);
export const readCa = (): Promise<string> => readFile(pkiFile('ca.crt'), 'utf8');

/** Its name appears only when it is whole: a half-written key of an interrupted start is never used. */
const ensureCertificate = async (name: string, subject: string, options: string[]): Promise<void> => {
  if (existsSync(pkiFile(`${name}.crt`))) return;
  const part = pkiFile(`${name}.part`);
  const output = ['-keyout', pkiFile(`${name}.key`), '-out', part];
  await run('openssl', 'req', '-x509', '-days', '365', ...CURVE, '-subj', subject, ...output, ...options);
  await rename(part, pkiFile(`${name}.crt`));
};

const signedBy = ['-CA', pkiFile('ca.crt'), '-CAkey', pkiFile('ca.key')];
const servingFor = (names: string[]): string[] => [
  ...signedBy,
  ...['-addext', `subjectAltName=${names.join(',')}`, '-addext', 'extendedKeyUsage=serverAuth'],
  ...['-addext', 'basicConstraints=critical,CA:FALSE'],
];
const asClient = [
  ...signedBy,
  '-addext',
  'extendedKeyUsage=clientAuth',
  '-addext',
  'basicConstraints=critical,CA:FALSE',
];

/** The cluster's certificate authority, serving certificates of API server and kubelets, and the service account key. */
export const ensurePki = async (): Promise<void> => {
  await mkdir(PKI, {recursive: true, mode: 0o700});
  await ensureCertificate('ca', '/CN=memoryprobe-cluster-ca', []);
  const api = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'localhost'].map(
    name => `DNS:${name}`,
  );
  const apiAddresses = ['127.0.0.1', NETWORK.address, NETWORK.apiService].map(address => `IP:${address}`);
  await Promise.all([
    ensureCertificate('apiserver', '/CN=kube-apiserver', servingFor([...api, ...apiAddresses])),
    // Without a client certificate for the kubelets, logs and exec are Unauthorized.
    ensureCertificate('kubelet-client', '/O=system:masters/CN=kube-apiserver-kubelet-client', asClient),
    ensureCertificate('service-account', '/CN=service-account', []),
    ...Object.values(NODES).map(({name, address}) =>
      ensureCertificate(
        name,
        `/CN=system:node:${name}/O=system:nodes`,
        servingFor([`DNS:${name}`, `IP:${address}`]),
      ),
    ),
  ]);
};
