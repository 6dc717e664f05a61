import {execFileSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test from 'ava';
import {type Image, type ImageSettings, readImage} from './archive.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const NAMES = ['operator', 'balloon', 'workload'];
const images = new Map<string, Image>();
const imageOf = (name: string): Image => images.get(name) as Image;

test.before(() => {
  execFileSync('make', ['--silent', 'images'], {cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit']});
  for (const name of NAMES) images.set(name, readImage(path.join(ROOT, 'build/images', `${name}.tar`)));
});

test('the operator runs as a user without rights, the balloon as root', t => {
  t.is(imageOf('operator').settings.User, '65532:65532');
  t.is(imageOf('balloon').settings.User, '0:0');
});

test('the layer with node is the same in both, so that a node unpacks it once', t => {
  t.is(imageOf('operator').layers[0]?.digest, imageOf('balloon').layers[0]?.digest);
  t.is(imageOf('operator').layers.length, 2);
});

test('the balloon image has the balloon where the agent looks for it', t => {
  const place = /'(\/[^']+\/balloon)'/.exec(
    readFileSync(path.join(ROOT, 'src/agent/config.ts'), 'utf8'),
  )?.[1];
  const entry = imageOf('balloon').entries.find(({name}) => name === place);
  t.is(entry?.mode, '-rwxr-xr-x');
});

/** `KEY value` lines of a Dockerfile as the settings of an image. */
const readDockerfile = (name: string): ImageSettings => {
  const text = readFileSync(path.join(ROOT, 'images', name, 'Dockerfile'), 'utf8');
  const lineOf = (key: string): string => new RegExp(`^${key} (.*)$`, 'm').exec(text)?.[1] ?? '';
  return {
    User: lineOf('USER'),
    Env: lineOf('ENV').split(' '),
    Entrypoint: JSON.parse(lineOf('ENTRYPOINT')) as string[],
    WorkingDir: lineOf('WORKDIR'),
  };
};

for (const name of NAMES) {
  test(`${name}: what the entrypoint names is there`, t => {
    const {entries, settings} = imageOf(name);
    const names = new Set(entries.map(entry => entry.name));
    t.true(settings.Entrypoint.length > 0);
    t.deepEqual(
      settings.Entrypoint.filter(word => word.startsWith('/') && !names.has(word)),
      [],
    );
  });

  test(`${name}: all is root's, nothing but /tmp can be written by others, nothing is setuid`, t => {
    const {entries} = imageOf(name);
    t.deepEqual(
      entries.filter(({owner}) => owner !== '0/0'),
      [],
    );
    t.deepEqual(
      entries
        .filter(({mode}) => mode[5] === 'w' || mode[8] === 'w' || /s/.test(mode))
        .map(entry => entry.name),
      entries.some(entry => entry.name === '/tmp') ? ['/tmp'] : [],
    );
  });

  test(`${name}: there is no shell and no package manager`, t => {
    t.deepEqual(
      imageOf(name).entries.filter(entry =>
        /\/(?:sh|bash|dash|busybox|apt\S*|dpkg\S*|npm)$/.test(entry.name),
      ),
      [],
    );
  });

  test(`${name}: the Dockerfile says the same as image.json`, t => {
    t.deepEqual(readDockerfile(name), imageOf(name).settings);
  });
}

test.serial('node runs in the bare root file system, mounted read-only, as the operator user', t => {
  const folder = mkdtempSync(path.join(tmpdir(), 'images-'));
  try {
    execFileSync('tar', [
      '--extract',
      '--file',
      path.join(ROOT, 'build/layers/base.tar'),
      '--directory',
      folder,
    ]);
    const shell =
      'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && ' +
      'exec chroot --userspec=65532:65532 "$0" /usr/bin/node -p "process.getuid() + process.version"';
    const output = execFileSync('unshare', ['--mount', 'sh', '-c', shell, folder], {encoding: 'utf8'});
    t.is(output.trim(), `65532${process.version}`);
  } finally {
    rmSync(folder, {recursive: true});
  }
});

test.serial('the layer with node is the same bytes when it is built again', t => {
  const folder = mkdtempSync(path.join(tmpdir(), 'images-'));
  try {
    const again = path.join(folder, 'base.tar');
    const cache = execFileSync('make', ['--silent', 'print-cache'], {cwd: ROOT, encoding: 'utf8'}).trim();
    const arch = process.arch === 'x64' ? 'amd64' : process.arch;
    const words = ['images/base.sh', process.execPath, path.join(cache, 'debian'), again, arch];
    execFileSync('bash', words, {cwd: ROOT});
    t.true(readFileSync(again).equals(readFileSync(path.join(ROOT, 'build/layers/base.tar'))));
  } finally {
    rmSync(folder, {recursive: true});
  }
});
