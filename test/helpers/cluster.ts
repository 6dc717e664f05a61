import {execFile} from 'node:child_process';
import path from 'node:path';
import {promisify} from 'node:util';

const execFileAsync = promisify(execFile);
export const ROOT = path.resolve(import.meta.dirname, '../..');
export const KUBECTL = path.join(ROOT, '.cluster/bin/kubectl');
export const KUBECONFIG = path.join(ROOT, '.cluster/kubeconfig');

/** The two kinds of node of the embedded cluster, by their label `memoryprobe.dev/lab-node`. */
export type NodeKind = 'native' | 'guest';
export const NODE_KINDS: NodeKind[] = ['native', 'guest'];
export const OPERATOR_NAMESPACE = 'memoryprobe-system';

/** Runs kubectl against the embedded cluster; resolves with its stdout, rejects with its stderr as the message. */
export const kubectl = async (args: string[], input?: string): Promise<string> => {
  const running = execFileAsync(KUBECTL, ['--kubeconfig', KUBECONFIG, ...args], {
    maxBuffer: 64 * 1024 * 1024,
  });
  running.child.stdin?.on('error', () => undefined); // most read none, and may be gone before an empty one is written
  running.child.stdin?.end(input ?? '');
  try {
    return (await running).stdout;
  } catch (error) {
    const {stderr} = error as {stderr?: string};
    throw new Error(`kubectl ${args.join(' ')}: ${stderr?.trim() || String(error)}`);
  }
};

export const kubectlJson = async <T>(args: string[]): Promise<T> =>
  JSON.parse(await kubectl([...args, '-o', 'json'])) as T;

export const apply = async (...objects: object[]): Promise<void> => {
  const list = {apiVersion: 'v1', kind: 'List', items: objects};
  await kubectl(['apply', '-f', '-'], JSON.stringify(list));
};

/** Runs a shell line as root on the node itself; resolves with its stdout whatever its exit code. */
export const onNode = async (node: NodeKind, shell: string): Promise<string> => {
  const [command, args]: [string, string[]] =
    node === 'native' ? ['bash', ['-c', shell]] : [path.join(ROOT, 'test/cluster/guest-exec'), [shell]];
  return execFileAsync(command, args, {maxBuffer: 64 * 1024 * 1024}).then(
    ({stdout}) => stdout,
    (error: {stdout?: string}) => error.stdout ?? '',
  );
};

export class TimeoutError extends Error {
  override name = 'TimeoutError' as const;
}

/** Asks again and again until there is an answer; the last answer's absence is an error that says what was waited for. */
export const waitFor = async <T>(
  what: string,
  ask: () => Promise<T | undefined>,
  {seconds = 60, everyMilliseconds = 100}: {seconds?: number; everyMilliseconds?: number} = {},
): Promise<T> => {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > end) throw new TimeoutError(`waited ${seconds} s for ${what}`);
    await new Promise(resolve => setTimeout(resolve, everyMilliseconds));
  }
};

/** A namespace of its own for a test, removed afterwards with all that is in it. */
export const inNamespace = async (
  prefix: string,
  use: (namespace: string) => Promise<void>,
): Promise<void> => {
  const namespace = `${prefix}-${Math.random().toString(36).slice(2, 8)}`;
  await kubectl(['create', 'namespace', namespace]);
  await waitFor('the default service account', () =>
    kubectl(['-n', namespace, 'get', 'serviceaccount', 'default']).catch(() => undefined),
  );
  try {
    await use(namespace);
  } finally {
    // What could hang or be in the next test's way is waited for; the empty namespace goes while the next test runs.
    await kubectl(['delete', 'memoryprobes,pods', '--all', '-n', namespace, '--timeout=120s']);
    await kubectl(['delete', 'namespace', namespace, '--wait=false']);
  }
};
