import path from 'node:path';
import {UsageError} from '../lib/exit.ts';

type Environment = Record<string, string | undefined>;

/** Version of the release; the bundler puts it in. */
export const readVersion = (environment: Environment = process.env): string =>
  process.env.MEMORYPROBE_VERSION ?? environment.MEMORYPROBE_VERSION ?? 'unreleased';

export const readArguments = (argv: string[] = process.argv): {name: string; args: string[]} => {
  const isPlugin = path.basename(argv[1] ?? '').startsWith('kubectl-');
  return {name: isPlugin ? 'kubectl memoryprobe' : 'memoryprobe', args: argv.slice(2)};
};

export type KubeconfigFacts = {
  flag?: string | undefined;
  environment?: Environment;
  home: string;
  exists: (file: string) => boolean;
};

/**
 * Which kubeconfigs are read: --kubeconfig, else those of $KUBECONFIG, else ~/.kube/config. Undefined where there is none: then
 * the service account of the pod is tried. Of several in KUBECONFIG those that do not exist are left out, as kubectl does.
 */
export const findKubeconfigs = ({
  flag,
  environment = process.env,
  home,
  exists,
}: KubeconfigFacts): string[] | undefined => {
  if (flag !== undefined) return requireFiles('--kubeconfig', [flag], exists);
  const files = (environment.KUBECONFIG ?? '').split(path.delimiter).filter(file => file !== '');
  if (files.length > 0) return requireFiles('KUBECONFIG', files, exists);
  const fallback = path.join(home, '.kube/config');
  if (exists(fallback)) return [fallback];
  if (environment.KUBERNETES_SERVICE_HOST) return undefined;
  throw new UsageError(`there is no kubeconfig: ${fallback} does not exist; give one with --kubeconfig`);
};

const requireFiles = (source: string, files: string[], exists: (file: string) => boolean): string[] => {
  const found = files.filter(exists);
  if (found.length > 0) return found;
  const none = files.length === 1 ? 'which does not exist' : 'of which none exists';
  throw new UsageError(`${source} is ${files.join(path.delimiter)}, ${none}`);
};

/** Files of the two programs that a local run starts: beside the bundle, or in the tree where this runs from its sources. */
export const findPrograms = (
  {dirname, filename}: {dirname: string; filename: string},
  environment: Environment = process.env,
): {agent: string; balloon: string} => {
  const isSource = filename.endsWith('.ts');
  const balloon = path.join(dirname, isSource ? '../../build/balloon/balloon' : 'balloon');
  return {
    agent: path.join(dirname, isSource ? '../agent/main.ts' : 'agent.js'),
    balloon: path.resolve(environment.BALLOON_PATH ?? balloon),
  };
};

/** The agent's environment: nothing of the caller's but where things are. Its message has no reader here. */
export const buildAgentEnvironment = (
  balloonPath: string,
  variables: Record<string, string>,
  {PATH, CGROUP_ROOT, PROC_ROOT}: Environment = process.env,
): Environment => ({
  PATH,
  CGROUP_ROOT,
  PROC_ROOT,
  BALLOON_PATH: balloonPath,
  TERMINATION_LOG: '/dev/null',
  ...variables,
});
