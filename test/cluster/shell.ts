import {execFile, spawn} from 'node:child_process';
import path from 'node:path';
import {promisify} from 'node:util';
import {BIN, KUBECONFIG} from './config.ts';

const execFileAsync = promisify(execFile);

export const say = (text: string): void => console.log(`cluster: ${text}`);

/** A program's flags as words, `--name=value`. */
export const flags = (values: Record<string, string>): string[] =>
  Object.entries(values).map(([name, value]) => `--${name}=${value}`);

const capture = async (words: string[], through: string[] = []): Promise<string> => {
  const [command = '', ...args] = [...through, ...words];
  try {
    return (await execFileAsync(command, args, {maxBuffer: 64 * 1024 * 1024})).stdout;
  } catch (error) {
    const {stderr} = error as {stderr?: string};
    throw new Error(`${words.join(' ')}: ${stderr?.trim() || String(error)}`);
  }
};

/** Runs a command; resolves with its stdout, rejects with the command and its stderr in one sentence. */
export const run = (command: string, ...args: string[]): Promise<string> => capture([command, ...args]);

export const succeeds = (command: string, ...args: string[]): Promise<boolean> =>
  run(command, ...args).then(
    () => true,
    () => false,
  );

/** What waits for minutes must not outlive us, even killed. */
const WITH_US = ['setpriv', '--pdeathsig', 'KILL'];

export const kubectl = (...args: string[]): Promise<string> =>
  capture([path.join(BIN, 'kubectl'), '--kubeconfig', KUBECONFIG, ...args], WITH_US);

/** Runs a script of build/, its progress shown; resolves with the path of what it made. */
export const build = async (name: string): Promise<string> => {
  const script = path.join(import.meta.dirname, 'build', `${name}.sh`);
  const child = spawn(script, {stdio: ['ignore', 'pipe', 'inherit']});
  let output = '';
  child.stdout.on('data', chunk => {
    output += chunk;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${script} ended with code ${code}, see above`);
  return output.trim();
};

/** Asks every 100 ms until the answer is true; a failure names what was waited for and the log to read. */
export const until = async (
  what: string,
  ask: () => Promise<boolean> | boolean,
  {seconds, log}: {seconds: number; log: string},
): Promise<void> => {
  const end = performance.now() + seconds * 1000;
  while (!(await ask())) {
    if (performance.now() > end) throw new Error(`${what} did not happen within ${seconds} s, see ${log}`);
    await new Promise(resolve => setTimeout(resolve, 100));
  }
};
