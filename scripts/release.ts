/**
 * Puts together what a release is made of, from images that are built already: `make release`.
 * Usage: node scripts/release.ts VERSION OUT ARCH=IMAGES-FOLDER,DEBIAN-FOLDER ...
 */
import {copyFileSync, mkdirSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {writeChecksums} from './release/checksums.ts';
import {listComponents} from './release/components.ts';
import {checkLicences, renderLicences} from './release/licences.ts';
import {renderSbom} from './release/sbom.ts';
import {ROOT, read} from './run.ts';

const NAMESPACE = 'memoryprobe-system';
const CHART = path.join(ROOT, 'charts/memoryprobe');

type Build = {arch: string; images: string; debian: string};

const parseBuild = (word: string): Build => {
  const [arch = '', folders = ''] = word.split('=');
  const [images = '', debian = ''] = folders.split(',');
  if (!arch || !images || !debian) throw new Error(`"${word}" is not ARCH=IMAGES-FOLDER,DEBIAN-FOLDER`);
  return {arch, images, debian};
};

/** As `helm package` does, which stamps the time into it: the same chart gives the same bytes. */
const packChart = async (file: string): Promise<void> => {
  const fixed =
    '--sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=a=r,u+w,a+X --format=ustar';
  const command = `tar --create ${fixed} --directory "$0" memoryprobe | gzip --no-name -9 > "$1"`;
  await read(['bash', '-euo', 'pipefail', '-c', command, path.dirname(CHART), file]);
};

/** What people without Helm apply: the namespace, the resource and the operator, without what only Helm runs. */
const renderInstall = (helm: string): Promise<string> =>
  read([
    ...[helm, 'template', 'memoryprobe', CHART, '--namespace', NAMESPACE],
    ...['--no-hooks', '--set', 'namespace.create=true'],
  ]);

const release = async (version: string, out: string, builds: Build[]): Promise<void> => {
  const helm = path.join((await read(['bash', 'test/cluster/build/tools.sh'])).trim(), 'helm');
  await read([helm, 'lint', '--strict', CHART]);
  const components = await listComponents(builds);
  checkLicences(components);
  rmSync(out, {recursive: true, force: true});
  mkdirSync(out, {recursive: true});
  for (const {arch, images} of builds)
    for (const name of ['operator', 'balloon'])
      copyFileSync(
        path.join(images, `${name}.tar`),
        path.join(out, `memoryprobe-${name}-${version}-linux-${arch}.tar`),
      );
  await packChart(path.join(out, `memoryprobe-${version}.tgz`));
  writeFileSync(path.join(out, 'install.yaml'), await renderInstall(helm));
  writeFileSync(path.join(out, `memoryprobe-${version}.cdx.json`), renderSbom(components, version));
  writeFileSync(path.join(out, 'LICENCES.md'), renderLicences(components, version));
  await writeChecksums(out);
};

const [version = '', out = '', ...words] = process.argv.slice(2);
try {
  if (words.length === 0)
    throw new Error('usage: release.ts VERSION OUT ARCH=IMAGES-FOLDER,DEBIAN-FOLDER ...');
  await release(version, out, words.map(parseBuild));
} catch (error) {
  console.error(`release: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
