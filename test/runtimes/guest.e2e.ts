import {execFile} from 'node:child_process';
import {mkdirSync} from 'node:fs';
import path from 'node:path';
import {promisify} from 'node:util';
import test from 'ava';
import {buildPrograms} from '../agent/cgroups.ts';
import {BUILD, install} from './start.ts';
import {VARIANTS} from './variants.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const GUEST = path.join(ROOT, 'test/cluster/guest-run');
const AVA =
  'node --single-threaded node_modules/.bin/ava --tap --config test/runtimes/guest.config.js test/runtimes/variants.e2e.ts';

test.before(() => {
  buildPrograms();
  install();
  mkdirSync(BUILD, {recursive: true});
});

test.serial('the runtimes get the same answers on a kernel with cgroup v2', async t => {
  const cache = process.env.CACHE ? `CACHE='${process.env.CACHE}' ` : '';
  const guest = ['-m', '2G', '-t', '400', '-w', BUILD, `${cache}${AVA}`];
  const {stdout} = await promisify(execFile)(GUEST, guest, {cwd: ROOT, maxBuffer: 1 << 24}).catch(
    error => error,
  );
  t.log(stdout);
  t.notRegex(stdout, /^not ok /m);
  t.is(stdout.match(/^ok /gm)?.length, VARIANTS.filter(({inGuest}) => inGuest).length);
});
