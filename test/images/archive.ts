import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';

type Descriptor = {mediaType: string; digest: string; size: number};
export type ImageSettings = {User: string; Entrypoint: string[]; Env: string[]; WorkingDir: string};
export type Entry = {mode: string; owner: string; name: string};
export type Image = {
  name: string;
  settings: ImageSettings;
  diffIds: string[];
  layers: Descriptor[];
  entries: Entry[];
};

/** One member of a tar file. */
export const readMember = (archive: string, member: string): Buffer =>
  execFileSync('tar', ['--extract', '--to-stdout', '--file', archive, member], {
    maxBuffer: 512 * 1024 * 1024,
  });

const readBlob = (archive: string, {digest, size}: Descriptor): Buffer => {
  const bytes = readMember(archive, `blobs/${digest.replace(':', '/')}`);
  const found = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  if (found !== digest || bytes.length !== size)
    throw new Error(`${archive}: ${digest} (${size} bytes) is ${found} (${bytes.length} bytes)`);
  return bytes;
};

// -rwxr-xr-x 0/0       108512048 1970-01-01 00:00 ./usr/bin/node
const parseEntry = (line: string): Entry => {
  const [mode = '', owner = '', , , , name = ''] = line.split(/\s+/);
  return {mode, owner, name: name.replace(/^\.\/?/, '/').replace(/(.)\/$/, '$1')};
};

const listEntries = (layer: Buffer): Entry[] =>
  execFileSync('tar', ['--list', '--verbose', '--numeric-owner', '--utc'], {input: layer, encoding: 'utf8'})
    .trimEnd()
    .split('\n')
    .map(parseEntry);

/** Layers and architecture of the first image of an archive. */
export const readConfig = (archive: string): {layers: Descriptor[]; architecture: string} => {
  const [described] = JSON.parse(readMember(archive, 'index.json').toString()).manifests;
  const {layers, config} = JSON.parse(readBlob(archive, described).toString());
  return {layers, architecture: JSON.parse(readBlob(archive, config).toString()).architecture};
};

/** Reads an OCI image archive whole, as a runtime would: every blob by its digest, which must be right. */
export const readImage = (archive: string): Image => {
  const index = JSON.parse(readMember(archive, 'index.json').toString());
  const [described] = index.manifests;
  const manifest = JSON.parse(readBlob(archive, described).toString());
  const config = JSON.parse(readBlob(archive, manifest.config).toString());
  const layers: Descriptor[] = manifest.layers;
  return {
    name: described.annotations['io.containerd.image.name'],
    settings: config.config,
    diffIds: config.rootfs.diff_ids,
    layers,
    entries: layers.flatMap(layer => listEntries(readBlob(archive, layer))),
  };
};
