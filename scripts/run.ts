import {spawn} from 'node:child_process';
import path from 'node:path';
import {text} from 'node:stream/consumers';

export const ROOT = path.resolve(import.meta.dirname, '..');

const HEARTBEAT_MS = 15_000;

/** Seconds since a moment of performance.now(), for people. */
export const secondsSince = (began: number): string => `${((performance.now() - began) / 1000).toFixed(1)} s`;

/** Runs a command whose output people see; a line each 15 s of silence says that it goes on. Rejects unless it ends with 0. */
export const show = async (title: string, words: string[]): Promise<void> => {
  const began = performance.now();
  console.log(`\n== ${title}`);
  const child = spawn(words[0] ?? '', words.slice(1), {cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit']});
  let heartbeat = setTimeout(() => undefined, 0);
  const listen = (): void => {
    clearTimeout(heartbeat);
    heartbeat = setTimeout(() => {
      console.log(`   ... still at it after ${secondsSince(began)}`);
      listen();
    }, HEARTBEAT_MS);
  };
  listen();
  child.stdout.on('data', chunk => {
    process.stdout.write(chunk);
    listen();
  });
  const code = await exitOf(child).finally(() => clearTimeout(heartbeat));
  if (code !== 0) throw new Error(`\`${words.join(' ')}\` ended with code ${code}`);
  console.log(`   done in ${secondsSince(began)}`);
};

/** Runs a command for its output. Rejects with what it wrote to standard error unless it ends with 0. */
export const read = async (words: string[], input = ''): Promise<string> => {
  const child = spawn(words[0] ?? '', words.slice(1), {cwd: ROOT, stdio: 'pipe'});
  // A command that ended before it read its input has said why: its exit code and standard error count.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [code, output, complaint] = await Promise.all([
    exitOf(child),
    text(child.stdout),
    text(child.stderr),
  ]);
  if (code !== 0) throw new Error(`\`${words.join(' ')}\`: ${complaint.trim() || `ended with code ${code}`}`);
  return output;
};

const exitOf = (child: ReturnType<typeof spawn>): Promise<number | null> =>
  new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
