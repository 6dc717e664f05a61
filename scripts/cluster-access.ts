import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '..');

/** How deploy and demo reach their cluster: command lines to begin with. */
export type ClusterAccess = {
  embedded: boolean;
  /** What to say of it. */
  title: string;
  kubectl: string[];
  helm: string[];
  /** Flags of our own client. */
  clientFlags: string[];
};

/**
 * The embedded cluster, or, only when it is asked for by name, a context of the user's kubeconfig. A KUBECONFIG that
 * happens to be set never counts.
 */
export const findCluster = (context: string | undefined): ClusterAccess =>
  context ? existingCluster(context) : embeddedCluster(path.join(ROOT, '.cluster'));

const existingCluster = (context: string): ClusterAccess => ({
  embedded: false,
  title: `the cluster of context ${context}`,
  kubectl: ['kubectl', '--context', context],
  helm: ['helm', '--kube-context', context],
  clientFlags: ['--context', context],
});

const embeddedCluster = (folder: string): ClusterAccess => {
  const flags = ['--kubeconfig', path.join(folder, 'kubeconfig')];
  return {
    embedded: true,
    title: 'the embedded cluster',
    kubectl: [path.join(folder, 'bin/kubectl'), ...flags],
    helm: [path.join(folder, 'bin/helm'), ...flags],
    clientFlags: flags,
  };
};
