import {existsSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {ROOT} from '../run.ts';

/** The bundles of the programs in the images, beside which `scripts/bundle.ts` tells what is in them. */
const BUNDLES = ['operator', 'agent'].map(name => path.join(ROOT, `build/bundle/${name}.js`));

/** esbuild's metafile: of each input how much of it is in the output, after what nobody uses was left out. */
type Metafile = {outputs: Record<string, {inputs: Record<string, {bytesInOutput: number}>}>};

/** The folders of npm packages (`node_modules/a/node_modules/b`) of which anything is in a bundle, in order. */
export const listBundledPackages = (): string[] => {
  const files = BUNDLES.flatMap(bundle => Object.values(readMetafile(bundle).outputs)).flatMap(({inputs}) =>
    Object.entries(inputs).flatMap(([file, {bytesInOutput}]) => (bytesInOutput > 0 ? [file] : [])),
  );
  return [...new Set(files.flatMap(packageFolder))].sort();
};

const readMetafile = (bundle: string): Metafile => {
  const file = `${bundle}.meta.json`;
  if (!existsSync(file)) throw new Error(`${file} is not there: run make images`);
  return JSON.parse(readFileSync(file, 'utf8')) as Metafile;
};

/** The package that a file belongs to: the last `node_modules/NAME` or `node_modules/@SCOPE/NAME` of its path. */
const packageFolder = (file: string): string[] => {
  const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file);
  return found?.[1] ? [found[1]] : [];
};
