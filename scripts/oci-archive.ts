/**
 * Puts layers that are packed already into an OCI archive of one or more images (image-spec 1.1, image-layout.md): no
 * engine, no clock, no compression, so the same layers and settings give the same bytes.
 * Usage: node scripts/oci-archive.ts [--architecture=arm64] OUT.tar NAME:TAG,IMAGE.json,LAYER.tar,... ...
 */
import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import {argv, exit, stderr} from 'node:process';

type Descriptor = {mediaType: string; digest: string; size: number};
const OCI = 'application/vnd.oci.image';
/** This machine's, by Go's name, as image-spec wants it. */
const OWN_ARCHITECTURE = process.arch === 'x64' ? 'amd64' : process.arch;

const digestOf = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const blobPath = (layout: string, digest: string): string =>
  path.join(layout, 'blobs', digest.replace(':', '/'));

const addJson = (layout: string, mediaType: string, value: unknown): Descriptor => {
  const bytes = Buffer.from(JSON.stringify(value));
  const digest = digestOf(bytes);
  writeFileSync(blobPath(layout, digest), bytes);
  return {mediaType, digest, size: bytes.length};
};

const addLayer = (layout: string, layer: string): Descriptor => {
  const digest = digestOf(readFileSync(layer));
  const blob = blobPath(layout, digest);
  if (!existsSync(blob)) linkSync(layer, blob);
  return {mediaType: `${OCI}.layer.v1.tar`, digest, size: statSync(layer).size};
};

type Image = {name: string; settingsFile: string; layerFiles: string[]; architecture: string};

const addImage = (layout: string, {name, settingsFile, layerFiles, architecture}: Image): object => {
  const layers = layerFiles.map(file => addLayer(layout, file));
  const config = addJson(layout, `${OCI}.config.v1+json`, {
    architecture,
    os: 'linux',
    config: JSON.parse(readFileSync(settingsFile, 'utf8')),
    // A layer is not compressed, so the digest of its blob is also that of its contents.
    rootfs: {type: 'layers', diff_ids: layers.map(({digest}) => digest)},
  });
  const mediaType = `${OCI}.manifest.v1+json`;
  const manifest = addJson(layout, mediaType, {schemaVersion: 2, mediaType, config, layers});
  // The first annotation is containerd's, the second that of image-spec (Podman, Skopeo).
  const annotations = {
    'io.containerd.image.name': name,
    'org.opencontainers.image.ref.name': name.slice(name.lastIndexOf(':') + 1),
  };
  return {...manifest, annotations};
};

const layOut = (layout: string, images: Image[]): void => {
  mkdirSync(path.join(layout, 'blobs/sha256'), {recursive: true});
  const manifests = images.map(image => addImage(layout, image));
  const index = {schemaVersion: 2, mediaType: `${OCI}.index.v1+json`, manifests};
  writeFileSync(path.join(layout, 'index.json'), JSON.stringify(index));
  writeFileSync(path.join(layout, 'oci-layout'), JSON.stringify({imageLayoutVersion: '1.0.0'}));
};

const parseImage = (text: string, architecture: string): Image => {
  const [name = '', settingsFile = '', ...layerFiles] = text.split(',');
  if (!name.includes(':') || layerFiles.length === 0)
    refuse(`"${text}" is not NAME:TAG,IMAGE.json,LAYER.tar...`);
  return {name, settingsFile, layerFiles, architecture};
};

const refuse = (problem: string): never => {
  stderr.write(
    `oci-archive.ts: ${problem}\nusage: oci-archive.ts [--architecture=ARCH] OUT.tar NAME:TAG,IMAGE.json,LAYER.tar,... ...\n`,
  );
  exit(64);
};

const OPTION = '--architecture=';
const words = argv.slice(2);
const architecture = words[0]?.startsWith(OPTION) ? words.shift()?.slice(OPTION.length) : OWN_ARCHITECTURE;
const [out = '', ...descriptions] = words;
if (descriptions.length === 0) refuse('no image is described');
const images = descriptions.map(text => parseImage(text, architecture || OWN_ARCHITECTURE));
mkdirSync(path.dirname(out), {recursive: true});
const layout = mkdtempSync(`${out}.`);
try {
  layOut(layout, images);
  const fixed =
    '--sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=a=r,u+w,a+X --format=ustar';
  const contents = ['blobs', 'index.json', 'oci-layout'];
  execFileSync('tar', ['--create', ...fixed.split(' '), '--file', out, '--directory', layout, ...contents]);
} finally {
  rmSync(layout, {recursive: true});
}
