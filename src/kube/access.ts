import type {RequestOptions} from 'node:https';
import {KubeConfig} from '@kubernetes/client-node';
import {Agent, type Dispatcher, ProxyAgent} from 'undici';
import {UsageError} from '../lib/exit.ts';
import {loadKubeconfig} from './kubeconfig.ts';

/** How to reach one cluster: its address, and, for each request, fresh credentials over pooled connections. */
export type Access = {
  server: string;
  /** The namespace of the context, or of the pod that runs in the cluster. */
  namespace: string | undefined;
  /** Read anew for each request: a pod's token is rotated on disk. Rejects when a credential cannot be read. */
  authorize: () => Promise<{headers: Record<string, string>; dispatcher: Dispatcher}>;
  close: () => Promise<void>;
};

export type AccessOptions = {
  /** A kubeconfig file, or several that are merged as kubectl does; absent: the service account of the pod. */
  kubeconfig?: string | readonly string[] | undefined;
  context?: string | undefined;
};

/** Keep-alive probes find a peer that is gone without a word. */
const CONNECTION = {keepAlive: true, keepAliveInitialDelay: 15_000} as const;

/**
 * Credentials come from client-node's KubeConfig (every kind of kubeconfig, exec plugins, token files). Its
 * connections do not: it opens a new TCP and TLS connection for each request of a cluster with a CA, so the pool
 * here is one undici Agent for each set of TLS options.
 */
export const createAccess = (options: AccessOptions): Access => {
  const config = load(options);
  const cluster = config.getCurrentCluster();
  if (!cluster)
    throw new UsageError(
      `the kubeconfig ${[options.kubeconfig ?? []].flat().join(' and ')} names no current cluster`,
    );
  const pool = new Map<string, Dispatcher>();
  const authorize = async () => {
    const https: RequestOptions = {};
    await config.applyToHTTPSOptions(https);
    const {ca, cert, key, passphrase, rejectUnauthorized, servername} = https;
    const tls = {ca, cert, key, passphrase, rejectUnauthorized, servername};
    const id = JSON.stringify(tls, (_, value) => (value instanceof Uint8Array ? String(value) : value));
    const dispatcher = pool.get(id) ?? connect(cluster.proxyUrl, defined(tls));
    pool.set(id, dispatcher);
    return {headers: authorizationOf(https), dispatcher};
  };
  return {
    server: cluster.server.replace(/\/$/, ''),
    namespace: config.getContextObject(config.getCurrentContext())?.namespace?.trim(),
    authorize,
    close: async () => {
      await Promise.all([...pool.values()].map(dispatcher => dispatcher.destroy()));
      pool.clear();
    },
  };
};

const load = ({kubeconfig, context}: AccessOptions): KubeConfig => {
  const config = kubeconfig === undefined ? new KubeConfig() : loadKubeconfig([kubeconfig].flat());
  if (kubeconfig === undefined) config.loadFromCluster();
  if (context !== undefined) config.setCurrentContext(context);
  return config;
};

const connect = (proxyUrl: string | undefined, tls: Record<string, unknown>): Dispatcher =>
  proxyUrl
    ? new ProxyAgent({uri: proxyUrl, requestTls: tls})
    : new Agent({connect: {...CONNECTION, ...tls}, connections: 64});

const defined = (record: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined && value !== null));

const authorizationOf = ({headers, auth}: RequestOptions): Record<string, string> => {
  const entries = Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)]);
  if (auth) entries.push(['Authorization', `Basic ${Buffer.from(auth).toString('base64')}`]);
  return Object.fromEntries(entries);
};
