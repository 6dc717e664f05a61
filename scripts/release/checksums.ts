import {createHash} from 'node:crypto';
import {createReadStream, readdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {pipeline} from 'node:stream/promises';

export const CHECKSUMS = 'SHA256SUMS';

const sha256 = async (file: string): Promise<string> => {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
};

/** Writes what `sha256sum --check` reads, for every file of the folder. */
export const writeChecksums = async (folder: string): Promise<void> => {
  const names = readdirSync(folder)
    .filter(name => name !== CHECKSUMS)
    .sort();
  const lines = await Promise.all(
    names.map(async name => `${await sha256(path.join(folder, name))}  ${name}\n`),
  );
  writeFileSync(path.join(folder, CHECKSUMS), lines.join(''));
};
