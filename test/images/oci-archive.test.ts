import {execFileSync, spawnSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test from 'ava';
import {readImage, readMember} from './archive.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const WRITER = path.join(ROOT, 'scripts/oci-archive.ts');
const SETTINGS = {User: '1:1', Entrypoint: ['/hello'], Env: ['PATH=/'], WorkingDir: '/'};

/** Builds an image of one file from nothing, in a folder of its own, with files as old as they happen to be. */
const buildImage = (folder: string, seconds: number): string => {
  mkdirSync(folder);
  const [file, settings, layer, out] = ['hello', 'image.json', 'layer.tar', 'image.tar'].map(name =>
    path.join(folder, name),
  ) as [string, string, string, string];
  writeFileSync(file, 'hello');
  utimesSync(file, seconds, seconds);
  writeFileSync(settings, JSON.stringify(SETTINGS));
  execFileSync('bash', [path.join(ROOT, 'images/layer.sh'), layer, '755', file, '/hello']);
  execFileSync(process.execPath, [WRITER, out, `example.test/hello:1.2.3,${settings},${layer}`]);
  return out;
};

const inFolder = (use: (folder: string) => void): void => {
  const folder = mkdtempSync(path.join(tmpdir(), 'oci-archive-'));
  try {
    use(folder);
  } finally {
    rmSync(folder, {recursive: true});
  }
};

test('an archive can be read back: name, settings, and every blob by its digest', t => {
  inFolder(folder => {
    const image = readImage(buildImage(path.join(folder, 'a'), 1));
    t.is(image.name, 'example.test/hello:1.2.3');
    t.deepEqual(image.settings, SETTINGS);
    t.deepEqual(
      image.diffIds,
      image.layers.map(({digest}) => digest),
    );
    t.deepEqual(image.entries.at(-1), {mode: '-rwxr-xr-x', owner: '0/0', name: '/hello'});
  });
});

test('the same contents give the same bytes, wherever and whenever they are built', t => {
  inFolder(folder => {
    const first = readFileSync(buildImage(path.join(folder, 'first'), 1));
    const second = readFileSync(buildImage(path.join(folder, 'second'), 1_700_000_000));
    t.true(first.equals(second));
  });
});

test('nothing but the archive is left beside it', t => {
  inFolder(folder => {
    buildImage(path.join(folder, 'a'), 1);
    t.deepEqual(readdirSync(path.join(folder, 'a')).sort(), [
      'hello',
      'image.json',
      'image.tar',
      'layer.tar',
    ]);
  });
});

test('two images that share a layer hold it once', t => {
  inFolder(folder => {
    const [one, both] = [path.join(folder, 'one'), path.join(folder, 'both.tar')];
    buildImage(one, 1);
    const parts = `${path.join(one, 'image.json')},${path.join(one, 'layer.tar')}`;
    execFileSync(process.execPath, [WRITER, both, `example.test/a:1,${parts}`, `example.test/b:1,${parts}`]);
    const listed = execFileSync('tar', ['--list', '--file', both], {encoding: 'utf8'});
    // Layer, config and manifest are the same for both: the names stand in the index.
    t.is(listed.match(/^blobs\/sha256\/.+$/gm)?.length, 3);
    const index = JSON.parse(readMember(both, 'index.json').toString());
    t.deepEqual(
      index.manifests.map((manifest: {annotations: object}) => Object.values(manifest.annotations)[0]),
      ['example.test/a:1', 'example.test/b:1'],
    );
  });
});

for (const words of [['out.tar'], ['out.tar', 'a:b,image.json'], ['out.tar', 'a,image.json,layer.tar']])
  test(`\`${words.join(' ')}\` is refused with a usage line and exit code 64`, t => {
    const {status, stderr} = spawnSync(process.execPath, [WRITER, ...words], {encoding: 'utf8'});
    t.is(status, 64);
    t.regex(stderr, /^usage: /m);
  });
