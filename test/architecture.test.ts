import {globSync, readFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';

const ROOT = path.resolve(import.meta.dirname, '..');
const SRC = path.join(ROOT, 'src');

/** What each folder of src may import besides itself: the table in docs/architecture.md. */
const MAY_IMPORT: Record<string, string[]> = {
  domain: [],
  api: ['domain'],
  lib: [],
  runtime: ['lib'],
  kube: ['api', 'domain', 'lib'],
  operator: ['api', 'domain', 'kube', 'lib', 'runtime'],
  agent: ['domain', 'lib'],
  cli: ['api', 'domain', 'kube', 'lib'],
};

type Import = {file: string; specifier: string; typeOnly: boolean};

const sources = globSync('**/*.ts', {cwd: SRC}).sort();
const textOf = (file: string): string => readFileSync(path.join(SRC, file), 'utf8');
const folderOf = (file: string): string => file.split(path.sep)[0] ?? '';
const importsOf = (file: string): Import[] =>
  [...textOf(file).matchAll(/^(?:import|export)\s+(type\s)?[^'";]*?from\s+'([^']+)'/gm)].map(match => ({
    file,
    specifier: match[2] ?? '',
    typeOnly: match[1] !== undefined,
  }));
const imports = sources.flatMap(importsOf);
const resolveLocal = ({file, specifier}: Import): string =>
  path.normalize(path.join(path.dirname(file), specifier));
const local = imports.filter(({specifier}) => specifier.startsWith('.'));

test('there are sources to look at', t => {
  t.true(sources.length > 5);
  t.true(local.length > 3);
});

test('a folder imports only what the table allows', t => {
  const forbidden = local.filter(entry => {
    const [from, to] = [folderOf(entry.file), folderOf(resolveLocal(entry))];
    return from !== to && !MAY_IMPORT[from]?.includes(to);
  });
  t.deepEqual(forbidden, []);
});

test('the domain is pure: no node modules, packages, clock, randomness or environment', t => {
  const impure = sources
    .filter(file => folderOf(file) === 'domain')
    .filter(
      file =>
        importsOf(file).some(({specifier}) => !specifier.startsWith('.')) ||
        /Date\.now|new Date\(\)|\bprocess\.|Math\.random|setTimeout/.test(textOf(file)),
    );
  t.deepEqual(impure, []);
});

test('only src/kube talks to Kubernetes, and only src/lib/log.ts to winston', t => {
  const strays = imports
    .filter(({typeOnly}) => !typeOnly)
    .filter(
      ({file, specifier}) =>
        (specifier === '@kubernetes/client-node' && folderOf(file) !== 'kube') ||
        (specifier === 'winston' && file !== path.join('lib', 'log.ts')),
    );
  t.deepEqual(strays, []);
});

test('the environment and the arguments are read in mains and config only', t => {
  const strays = sources.filter(
    file => !/(?:^|\/)(?:main|config)\.ts$/.test(file) && /\bprocess\.(?:env|argv)\b/.test(textOf(file)),
  );
  t.deepEqual(strays, []);
});

test('files do not import each other in a circle', t => {
  const edges = new Map(
    sources.map(file => [file, local.filter(entry => entry.file === file).map(resolveLocal)]),
  );
  const findCycle = (file: string, trail: string[]): string[] | undefined => {
    if (trail.includes(file)) return [...trail.slice(trail.indexOf(file)), file];
    return edges
      .get(file)
      ?.reduce<string[] | undefined>((found, next) => found ?? findCycle(next, [...trail, file]), undefined);
  };
  t.deepEqual(
    sources.flatMap(file => findCycle(file, []) ?? []),
    [],
  );
});
