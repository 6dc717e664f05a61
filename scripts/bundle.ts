/**
 * Bundles one program into one JavaScript file: Node strips no types under node_modules or in an image, and one file
 * starts several times faster than a tree of packages.
 * Usage: node scripts/bundle.ts VERSION ENTRY.ts OUT.js; what is in it is told in OUT.js.meta.json (esbuild's metafile)
 */
import {existsSync, writeFileSync} from 'node:fs';
import {argv, exit, stderr} from 'node:process';
import {build, type Plugin} from 'esbuild';

const [version, entry, outfile] = argv.slice(2);
if (!version || !entry || !outfile) {
  stderr.write('usage: bundle.ts VERSION ENTRY.ts OUT.js\n');
  exit(64);
}
if (!existsSync(entry)) {
  stderr.write(`bundle.ts: ${entry} does not exist, so there is nothing to bundle\n`);
  exit(1);
}

// CommonJS packages call `require`, which an ES module does not have.
const REQUIRE = "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);";

/** client-node itself, and what it imports from its folders of generated code; a filter that meets little else costs no time. */
const UNUSED = /^@kubernetes\/client-node$|^\.{1,2}\/(?:gen|models|apis|types)\/|\/models\/all\.js$/;

/**
 * client-node's index exports a class for each kind of object of the API, which nobody here uses; evaluating them is a seventh of
 * the operator's memory at rest. Its modules do nothing but define, though its package.json does not say so: what is not
 * imported from them need not be there.
 */
const leaveOutUnusedModels: Plugin = {
  name: 'leave-out-unused-models',
  setup({onResolve, resolve}) {
    onResolve({filter: UNUSED}, async ({path, pluginData, ...from}) => {
      if (pluginData === 'resolved') return undefined;
      const result = await resolve(path, {...from, pluginData: 'resolved'});
      return result.path.includes('/@kubernetes/client-node/') ? {...result, sideEffects: false} : result;
    });
  },
};

const {metafile} = await build({
  entryPoints: [entry],
  outfile,
  metafile: true,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  // The names of packages' files are in the bundle: where node_modules is a link they must be the same.
  preserveSymlinks: true,
  // Names stay as they are written, so that a stack trace in a log can be read.
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'inline',
  define: {'process.env.MEMORYPROBE_VERSION': JSON.stringify(version)},
  banner: {js: REQUIRE},
  plugins: [leaveOutUnusedModels],
  logLevel: 'warning',
});
writeFileSync(`${outfile}.meta.json`, JSON.stringify(metafile));
