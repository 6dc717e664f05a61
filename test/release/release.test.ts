import {execFileSync} from 'node:child_process';
import {mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import * as yaml from 'js-yaml';
import {findHelm} from '../helpers/helm.ts';
import {readConfig, readMember} from '../images/archive.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const OUT = path.join(ROOT, 'build/release');
const {version} = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {version: string};
const ARCHS = {amd64: 'X86-64', arm64: 'AArch64'};
const inRelease = (name: string): string => path.join(OUT, name);
const run = (...[command = '', ...words]: string[]): string =>
  execFileSync(command, words, {cwd: ROOT, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024});

// Compilers, lists and packages for the other architecture are fetched the first time.
test.before(t => {
  t.timeout(600_000);
  execFileSync('make', ['--silent', 'release'], {cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit']});
});

test('a release has images for both architectures, the chart, install.yaml, SBOM, licences and checksums', t => {
  t.deepEqual(
    readdirSync(OUT).sort(),
    [
      'LICENCES.md',
      'SHA256SUMS',
      'install.yaml',
      `memoryprobe-${version}.cdx.json`,
      `memoryprobe-${version}.tgz`,
      ...Object.keys(ARCHS).flatMap(arch =>
        ['balloon', 'operator'].map(name => `memoryprobe-${name}-${version}-linux-${arch}.tar`),
      ),
    ].sort(),
  );
});

test('the checksums are right, and every file has one', t => {
  execFileSync('sha256sum', ['--check', '--strict', '--quiet', 'SHA256SUMS'], {cwd: OUT});
  const listed = readFileSync(inRelease('SHA256SUMS'), 'utf8').match(/\S+$/gm) ?? [];
  t.deepEqual(
    listed.sort(),
    readdirSync(OUT)
      .filter(name => name !== 'SHA256SUMS')
      .sort(),
  );
});

const ELF = Buffer.from('\x7fELF', 'latin1');

/** Not a script: those are the same for every machine. */
const isProgram = (file: string): boolean => readFileSync(file).subarray(0, ELF.length).equals(ELF);

/** Every program and library in an image, by its machine as readelf names it. */
const machinesIn = (archive: string): Set<string> => {
  const folder = mkdtempSync(path.join(tmpdir(), 'release-'));
  try {
    for (const {digest} of readConfig(archive).layers) {
      const layer = readMember(archive, `blobs/${digest.replace(':', '/')}`);
      execFileSync('tar', ['--extract', '--directory', folder], {input: layer});
    }
    const files = run('find', folder, '-type', 'f', '-perm', '/111').trim().split('\n').filter(isProgram);
    const headers = run('readelf', '--file-header', ...files);
    return new Set([...headers.matchAll(/Machine:\s+(.*)$/gm)].map(([, machine = '']) => machine));
  } finally {
    rmSync(folder, {recursive: true});
  }
};

for (const [arch, machine] of Object.entries(ARCHS))
  for (const name of ['operator', 'balloon'])
    test(`the ${name} image for ${arch} says so, and has programs for nothing else`, t => {
      const archive = inRelease(`memoryprobe-${name}-${version}-linux-${arch}.tar`);
      t.is(readConfig(archive).architecture, arch);
      const machines = [...machinesIn(archive)];
      t.is(machines.length, 1, machines.join(', '));
      t.true(machines[0]?.includes(machine), machines[0]);
    });

type Sbom = {bomFormat: string; components: {name: string; purl: string; licenses?: object[]}[]};

test('the SBOM names every npm package that a bundle has something of, and the Debian packages of the images', t => {
  const sbom = JSON.parse(readFileSync(inRelease(`memoryprobe-${version}.cdx.json`), 'utf8')) as Sbom;
  t.is(sbom.bomFormat, 'CycloneDX');
  const npm = sbom.components.filter(({purl}) => purl.startsWith('pkg:npm/')).map(({name}) => name);
  // Each CommonJS file is in a bundle under its name.
  const bundles = ['operator', 'agent'].map(name =>
    readFileSync(path.join(ROOT, `build/bundle/${name}.js`), 'utf8'),
  );
  const named = bundles.join('').matchAll(/"(?:[^"]*\/)?node_modules\/((?:@[^"/]+\/)?[^"/]+)\/[^"]*"\(/g);
  const commonJs = new Set([...named].map(([, name = '']) => name));
  t.true(commonJs.size > 5);
  t.deepEqual(
    [...commonJs].filter(name => !npm.includes(name)),
    [],
  );
  const purls = sbom.components.map(({purl}) => purl);
  t.is(new Set(purls).size, purls.length);
  for (const arch of Object.keys(ARCHS))
    for (const name of ['libc6', 'libgcc-s1', 'libstdc%2B%2B6'])
      t.true(
        purls.some(
          purl => purl.startsWith('pkg:deb/') && purl.includes(`/${name}@`) && purl.endsWith(`arch=${arch}`),
        ),
        `${name} ${arch}`,
      );
  t.deepEqual(
    sbom.components.filter(({licenses}) => !licenses).map(({purl}) => purl),
    [],
  );
});

const kindsOf = (text: string): string[] =>
  yaml
    .loadAll(text)
    .filter(object => object !== null && object !== undefined)
    .map(object => (object as {kind: string}).kind);

test('install.yaml is what the packed chart renders, resource and namespace included', (t: ExecutionContext) => {
  const rendered = run(
    ...[findHelm() ?? 'helm', 'template', 'memoryprobe', inRelease(`memoryprobe-${version}.tgz`)],
    ...['--namespace', 'memoryprobe-system', '--no-hooks', '--set', 'namespace.create=true'],
  );
  const install = readFileSync(inRelease('install.yaml'), 'utf8');
  t.is(install, rendered);
  for (const kind of ['Namespace', 'CustomResourceDefinition', 'Deployment', 'ClusterRole'])
    t.true(kindsOf(install).includes(kind), kind);
});

test('the same sources give the same release, built again in another folder', t => {
  t.timeout(300_000);
  const folder = mkdtempSync(path.join(tmpdir(), 'release-'));
  try {
    const files = run('git', 'ls-files', '--cached', '--others', '--exclude-standard', '-z');
    execFileSync(
      'bash',
      ['-c', 'tar --create --null --files-from=- | tar --extract --directory "$0"', folder],
      {
        cwd: ROOT,
        input: files,
      },
    );
    for (const name of ['node_modules', '.tools'])
      execFileSync('ln', ['--symbolic', path.join(ROOT, name), path.join(folder, name)]);
    execFileSync('touch', ['-d', '2001-02-03', path.join(folder, 'images/operator/image.json')]);
    execFileSync('make', ['--silent', 'release'], {cwd: folder, stdio: ['ignore', 'ignore', 'inherit']});
    const sums = (at: string): string => readFileSync(path.join(at, 'build/release/SHA256SUMS'), 'utf8');
    t.is(sums(folder), sums(ROOT));
  } finally {
    rmSync(folder, {recursive: true});
  }
});
