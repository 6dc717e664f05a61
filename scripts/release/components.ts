import {existsSync, readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {ROOT, read} from '../run.ts';
import {listBundledPackages} from './bundled-packages.ts';

/** Something of others that is shipped. */
export type Component = {
  name: string;
  version: string;
  /** Package URL (github.com/package-url/purl-spec): unique. */
  purl: string;
  /** SPDX expression; absent where its package tells none. */
  licence?: string;
  /** Where it is: for people. */
  within: string;
  sha512?: string;
  /** The text of the licence, where it is not in the image itself. */
  text?: string;
};

type LockEntry = {version: string; license?: string; integrity?: string};

const readLock = (): Record<string, LockEntry> =>
  (
    JSON.parse(readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, LockEntry>;
    }
  ).packages;

/** A bundle keeps only what its authors marked, so the text goes into the list of licences. */
const readText = (folder: string): Pick<Component, 'text'> => {
  const at = path.join(ROOT, folder);
  if (!existsSync(at)) throw new Error(`${folder} is not there: run make setup`);
  const file = readdirSync(at).find(name => /^(?:licen[cs]e|copying)/i.test(name));
  return file === undefined ? {} : {text: readFileSync(path.join(at, file), 'utf8')};
};

/** npm packages of which anything is in a bundle: exactly those, unlike a list of dependencies. */
const listNpm = (): Component[] => {
  const lock = readLock();
  return listBundledPackages().map(folder => {
    const entry = lock[folder];
    if (!entry) throw new Error(`${folder} is in a bundle and not in package-lock.json: run npm install`);
    const name = folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const integrity = /^sha512-(.*)$/.exec(entry.integrity ?? '')?.[1];
    return {
      name,
      version: entry.version,
      purl: `pkg:npm/${name.replace('@', '%40')}@${entry.version}`,
      within: 'the bundles',
      ...(entry.license && {licence: entry.license}),
      ...readText(folder),
      ...(integrity && {sha512: Buffer.from(integrity, 'base64').toString('hex')}),
    };
  });
};

/** What Debian and npm do not tell in a form that can be read: from the copyright files that are in the image. */
const LICENCES: Record<string, string> = {
  libc6: 'LGPL-2.1-or-later',
  'libgcc-s1': 'GPL-3.0-or-later WITH GCC-exception-3.1',
  'libstdc++6': 'GPL-3.0-or-later WITH GCC-exception-3.1',
};

const readDeb = async (file: string, distribution: string): Promise<Component> => {
  const fields = ['Package', 'Version', 'Architecture'];
  const text = await read([
    'dpkg-deb',
    '--showformat',
    fields.map(f => `\${${f}}`).join(' '),
    '--show',
    file,
  ]);
  const [name = '', version = '', architecture = ''] = text.split(' ');
  const licence = LICENCES[name];
  return {
    name,
    version,
    purl: `pkg:deb/${distribution}/${encodeURIComponent(name)}@${encodeURIComponent(version)}?arch=${architecture}`,
    within: `the images for ${architecture}`,
    ...(licence && {licence}),
  };
};

/** The Debian packages that the images' base layer was laid from, by the folder of the cache that they lie in. */
const listDebian = async (folder: string): Promise<Component[]> => {
  const distribution = path.basename(folder).split('-')[0] ?? '';
  const files = readdirSync(folder).filter(name => name.endsWith('.deb'));
  return Promise.all(files.sort().map(name => readDeb(path.join(folder, name), distribution)));
};

/** Node itself, whose licence file (in the image) names what is in it. */
const nodeOf = (version: string): Component => ({
  name: 'node',
  version,
  purl: `pkg:generic/node@${version}`,
  licence: 'MIT',
  within: 'the images',
});

/** The balloon is static: the C library of the machine that built it is in it. */
const listBalloonParts = async (archs: string[]): Promise<Component[]> => {
  const own = (await read(['dpkg', '--print-architecture'])).trim();
  const packages = archs.map(arch => (arch === own ? 'libc6-dev' : `libc6-dev-${arch}-cross`));
  const fields = ['Package', 'Version', 'Architecture'].map(field => `\${${field}}`).join(' ');
  const text = await read(['dpkg-query', '--show', `--showformat=${fields}\n`, ...packages]);
  return text
    .trim()
    .split('\n')
    .map(line => {
      const [name = '', version = '', arch = ''] = line.split(' ');
      const purl = `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=${arch}`;
      return {name, version, purl, licence: 'LGPL-2.1-or-later', within: 'the balloon, statically'};
    });
};

/** All that is shipped and others wrote, in the order of their package URLs. `builds`: with the folder of their Debian packages. */
export const listComponents = async (builds: {arch: string; debian: string}[]): Promise<Component[]> => {
  const parts = await Promise.all([
    listNpm(),
    ...builds.map(({debian}) => listDebian(debian)),
    listBalloonParts(builds.map(({arch}) => arch)),
    [nodeOf(process.versions.node)],
  ]);
  return parts.flat().sort((a, b) => (a.purl < b.purl ? -1 : 1));
};
