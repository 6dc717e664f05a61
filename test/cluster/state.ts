import {mkdir, readdir, rm} from 'node:fs/promises';
import path from 'node:path';
import {BIN, LOG, STATE} from './config.ts';

/** Removes what a cluster kept in .cluster: all but the tools and the logs, which people read after its end. */
export const removeState = async (): Promise<void> => {
  for (const name of await readdir(STATE).catch(() => [])) {
    const entry = path.join(STATE, name);
    if (entry !== BIN && entry !== LOG) await rm(entry, {recursive: true, force: true});
  }
};

/** A new cluster begins with nothing: after a reboot of the machine the last one's state may still lie there. */
export const resetState = async (): Promise<void> => {
  await removeState();
  await rm(LOG, {recursive: true, force: true});
  await mkdir(LOG, {recursive: true});
};
