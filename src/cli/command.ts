import type {Command} from 'commander';
import {present} from '../domain/present.ts';
import type {MemoryProbe} from '../kube/types.ts';
import type {Clock} from '../lib/clock.ts';
import type {Cluster} from './cluster.ts';
import type {ExitCode} from './exit-code.ts';
import type {Machine} from './machine.ts';
import {renderView} from './render.ts';
import type {View} from './view.ts';

/** Everything that the commands have of the world. */
export type World = {
  version: string;
  stdout: (text: string) => void;
  stderr: (text: string) => void;
  clock: Clock;
  /** `-` is standard input. */
  readText: (file: string) => Promise<string>;
  connect: (flags: Pick<ClusterFlags, 'kubeconfig' | 'context'>) => Cluster;
  machine: Machine;
};

/** One command of the program; `finish` takes the exit code. */
export type AddCommand = (program: Command, world: World, finish: (code: ExitCode) => void) => void;

export type ClusterFlags = {kubeconfig?: string; context?: string; namespace?: string};

export const addClusterFlags = (command: Command): Command =>
  command
    .option('-n, --namespace <namespace>', "the probe's namespace (default: the context's)")
    .option('--context <name>', 'a context of the kubeconfig')
    .option('--kubeconfig <file>', 'default: $KUBECONFIG, else ~/.kube/config');

/** Opens the cluster for one use and closes its connections, whatever happens. */
export const withCluster = async <T>(
  world: World,
  {namespace, kubeconfig, context}: ClusterFlags,
  use: (cluster: Cluster, namespace: string) => Promise<T>,
): Promise<T> => {
  const cluster = world.connect(present({kubeconfig, context}));
  try {
    return await use(cluster, namespace ?? cluster.namespace ?? 'default');
  } finally {
    await cluster.close();
  }
};

export const FORMATS = ['text', 'json'] as const;
export type Format = (typeof FORMATS)[number];

/** JSON is the view's own fields and the evidence as it was measured. */
export const printView = (view: View, evidence: unknown, format: Format): string => {
  if (format === 'text') return renderView(view);
  const {numbers: _numbers, curve: _curve, floors: _floors, ...rest} = view;
  return `${JSON.stringify({...rest, evidence}, null, 2)}\n`;
};

export const identityOf = ({metadata}: MemoryProbe): {namespace: string; name: string} => ({
  namespace: metadata.namespace ?? 'default',
  name: metadata.name,
});
