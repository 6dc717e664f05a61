import {readFileSync} from 'node:fs';
import path from 'node:path';
import {KubeConfig} from '@kubernetes/client-node';

/**
 * Reads kubeconfig files and merges them as kubectl does: the first file that says something wins, for the current context
 * and for each cluster, user and context. client-node's own merge takes the last current context, and throws at a name that
 * stands in two files (https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/).
 */
export const loadKubeconfig = (files: readonly string[]): KubeConfig => {
  const configs = files.map(read).filter(config => config !== undefined);
  const merged = new KubeConfig();
  merged.loadFromOptions({
    clusters: firstOfEachName(configs.flatMap(({clusters}) => clusters)),
    users: firstOfEachName(configs.flatMap(({users}) => users)),
    contexts: firstOfEachName(configs.flatMap(({contexts}) => contexts)),
    currentContext: configs.find(({currentContext}) => currentContext)?.currentContext,
  });
  return merged;
};

/** Paths in a file are relative to its own folder. Undefined for an empty one, as tools leave that write what they need later. */
const read = (file: string): KubeConfig | undefined => {
  const text = readFileSync(file, 'utf8');
  if (text.trim() === '') return undefined;
  const config = new KubeConfig();
  config.loadFromString(text);
  config.makePathsAbsolute(path.dirname(file));
  return config;
};

const firstOfEachName = <T extends {name: string}>(entries: readonly T[]): T[] => [
  ...new Map(entries.toReversed().map(entry => [entry.name, entry])).values(),
];
