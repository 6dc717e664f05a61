import type {Seconds} from '../domain/units.ts';
import {UsageError} from '../lib/exit.ts';
import {LOG_LEVELS, type LogLevel} from '../lib/log.ts';

/** The operator's settings; the chart sets them as environment variables. */
export type Config = {
  /** BALLOON_IMAGE: image of the balloon and repair pods, with the agent in it. */
  balloonImage: string;
  /** BALLOON_IMAGE_PULL_POLICY; default IfNotPresent. */
  balloonImagePullPolicy: string;
  /** BALLOON_IMAGE_PULL_SECRETS: names, separated by commas. */
  balloonImagePullSecrets: string[];
  /** BALLOON_PRIORITY_CLASS; default: none. */
  balloonPriorityClass: string | undefined;
  /** POD_NAMESPACE: where the operator and all balloon pods live. */
  namespace: string;
  /** POD_NAME: who holds the lease; stays the same when the container is restarted. */
  identity: string;
  /** LEADER_ELECTION; default true. */
  leaderElection: boolean;
  /** ALLOW_SYSTEM_TARGETS: whether pods in kube-system and static pods may be looked at; default false. */
  allowSystemTargets: boolean;
  /** NODE_SCOPE_ALLOWED: whether probes may press a whole node (spec.pressure.scope Node); default false. */
  nodeScopeAllowed: boolean;
  /** NAMESPACE_OPT_IN: whether only probes in namespaces that an administrator labelled may run; default false. */
  namespaceOptIn: boolean;
  /** MAX_DEADLINE_SECONDS: the longest `guards.deadlineSeconds` that may run; default 86400. */
  maxDeadlineSeconds: Seconds;
  /** BUDGET_CLUSTER and BUDGET_NAMESPACE: balloon pods at once; defaults 10 and 5. A node has one at most, always. */
  budgets: {cluster: number; namespace: number};
  /** HTTP_PORT for /healthz, /readyz and /metrics; default 8080. */
  httpPort: number;
  /** WORKERS: probes that are worked on at the same time; default 4. */
  workers: number;
  logLevel: LogLevel;
  /** KUBECONFIG; default: the pod's service account. */
  kubeconfig: string | undefined;
  /** Set by the subcommand let-go: every probe ends now, and none starts. */
  isEnding?: boolean;
};

/** What `let-go` needs besides. */
export type LetGoConfig = {
  /** OPERATOR_DEPLOYMENT: name of the operator's Deployment, which is scaled to nothing first. */
  deployment: string;
  /** LET_GO_SECONDS: after that finalizers are taken off whatever is left; default 120. */
  patienceSeconds: Seconds;
};

type Environment = Record<string, string | undefined>;

/** Throws UsageError: one sentence that names the variable, its value and what to do. */
export const readConfig = (environment: Environment): Config => ({
  balloonImage: readText(environment, 'BALLOON_IMAGE'),
  balloonImagePullPolicy: readChoice(environment, 'BALLOON_IMAGE_PULL_POLICY', [
    'IfNotPresent',
    'Always',
    'Never',
  ]),
  balloonImagePullSecrets: (environment.BALLOON_IMAGE_PULL_SECRETS ?? '').split(',').filter(Boolean),
  balloonPriorityClass: environment.BALLOON_PRIORITY_CLASS || undefined,
  namespace: readText(environment, 'POD_NAMESPACE'),
  identity: readText(environment, 'POD_NAME'),
  leaderElection: readFlag(environment, 'LEADER_ELECTION', true),
  allowSystemTargets: readFlag(environment, 'ALLOW_SYSTEM_TARGETS', false),
  nodeScopeAllowed: readFlag(environment, 'NODE_SCOPE_ALLOWED', false),
  namespaceOptIn: readFlag(environment, 'NAMESPACE_OPT_IN', false),
  maxDeadlineSeconds: readWhole(environment, 'MAX_DEADLINE_SECONDS', {
    fallback: 86_400,
    least: 10,
    most: 2_678_400,
  }),
  budgets: {
    cluster: readWhole(environment, 'BUDGET_CLUSTER', {fallback: 10, least: 1, most: 1000}),
    namespace: readWhole(environment, 'BUDGET_NAMESPACE', {fallback: 5, least: 1, most: 1000}),
  },
  httpPort: readWhole(environment, 'HTTP_PORT', {fallback: 8080, least: 0, most: 65_535}),
  workers: readWhole(environment, 'WORKERS', {fallback: 4, least: 1, most: 64}),
  logLevel: readChoice(environment, 'LOG_LEVEL', ['info', ...LOG_LEVELS]),
  kubeconfig: environment.KUBECONFIG || undefined,
});

/** Throws UsageError as readConfig does. */
export const readLetGoConfig = (environment: Environment): LetGoConfig => ({
  deployment: readText(environment, 'OPERATOR_DEPLOYMENT'),
  patienceSeconds: readWhole(environment, 'LET_GO_SECONDS', {fallback: 120, least: 1, most: 3600}),
});

/** The operator itself without a word, or one of its errands. */
export const readSubcommand = (argv: readonly string[]): 'serve' | 'let-go' => {
  const [word = 'serve', ...more] = argv.slice(2);
  if (more.length === 0 && (word === 'serve' || word === 'let-go')) return word;
  throw new UsageError(
    `the operator knows the subcommands serve and let-go, not "${argv.slice(2).join(' ')}"`,
  );
};

const readText = (environment: Environment, name: string): string => {
  const value = environment[name];
  if (value) return value;
  throw new UsageError(
    `the environment variable ${name} must be set; it is ${value === '' ? 'empty' : 'absent'}`,
  );
};

/** The first choice is the default. */
const readChoice = <Choice extends string>(
  environment: Environment,
  name: string,
  choices: readonly [Choice, ...Choice[]],
): Choice => {
  const value = environment[name] || choices[0];
  const found = choices.find(choice => choice === value);
  if (found) return found;
  throw new UsageError(`${name} must be one of ${[...new Set(choices)].join(', ')}, not "${value}"`);
};

const readFlag = (environment: Environment, name: string, fallback: boolean): boolean =>
  readChoice(environment, name, fallback ? ['true', 'false'] : ['false', 'true']) === 'true';

const readWhole = (
  environment: Environment,
  name: string,
  {fallback, least, most}: {fallback: number; least: number; most: number},
): number => {
  const value = environment[name] || String(fallback);
  const number = Number(value);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw new UsageError(`${name} must be a whole number from ${least} to ${most}, not "${value}"`);
};
