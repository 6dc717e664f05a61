import {existsSync} from 'node:fs';
import path from 'node:path';
import {readNodeKinds} from './config.ts';
import {importImage, runningKinds} from './images.ts';
import {say} from './shell.ts';
import {printStatus} from './status.ts';
import {tearDown} from './teardown.ts';
import {bringUp} from './up.ts';

const load = async (archive?: string): Promise<void> => {
  if (!archive || !existsSync(archive))
    throw new Error(`TAR must name an image archive, got "${archive ?? ''}": make cluster-load TAR=path`);
  const kinds = runningKinds();
  if (kinds.length === 0) throw new Error('no node runs: start the cluster first with `make cluster-up`');
  await Promise.all(kinds.map(kind => importImage(kind, path.resolve(archive))));
  say(`${archive} loaded into ${kinds.join(' and ')}`);
};

const COMMANDS: Record<string, (argument?: string) => Promise<void>> = {
  up: () => bringUp(readNodeKinds()),
  down: tearDown,
  load,
  status: printStatus,
};

const [command = '', argument] = process.argv.slice(2);
try {
  const execute = COMMANDS[command];
  if (!execute) throw new Error(`unknown command "${command}": one of ${Object.keys(COMMANDS).join(', ')}`);
  if (process.getuid?.() !== 0)
    throw new Error('nodes need root: run make as root, for instance with sudo -E');
  await execute(argument);
} catch (error) {
  console.error(`cluster: ${(error as Error).message}`);
  process.exitCode = 1;
}
