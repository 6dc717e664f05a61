import {execFileSync} from 'node:child_process';
import {chmodSync, mkdirSync, mkdtempSync, rmSync} from 'node:fs';
import path from 'node:path';
import type {ExecutionContext} from 'ava';
import {listProcesses, sumRollups} from '../../src/agent/processes.ts';
import {BALLOON, startProgramTarget, type TestTarget, waitUntil} from '../agent/cgroups.ts';
import type {Variant} from './variant.ts';

const HERE = import.meta.dirname;
export const BUILD = path.resolve(HERE, '../../build/runtimes');
const MIB = 1024 * 1024;
const SETTLE_MILLISECONDS = 20_000;

/** Where the runtimes are, and the programs that they run. */
export type Installation = {root: string; programs: string};

/** Fetches and compiles, once on a machine. */
export const install = (): Installation => ({root: build('packages.sh'), programs: build('programs.sh')});

const build = (script: string): string =>
  execFileSync('bash', [path.join(HERE, 'build', script)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  }).trim();

/** Starts a variant in a cgroup of its own and waits until its memory stands. */
export const startVariant = async (
  t: ExecutionContext,
  {root, programs}: Installation,
  variant: Variant,
): Promise<TestTarget> => {
  const enter = [path.join(HERE, 'enter.sh'), root, programs, makeScratch(t)];
  const [file = '', ...rest] = variant.command;
  const command = variant.isNode
    ? [process.execPath, '--single-threaded', path.join(programs, file), ...rest]
    : [...enter, file, ...rest];
  const env = {PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', ...variant.env};
  const target = await startProgramTarget(t, command, env);
  await waitUntil(
    `the memory of ${variant.runtime}, ${variant.variant}`,
    () => isSettled(target, variant),
    SETTLE_MILLISECONDS,
  );
  return target;
};

/** Its /tmp: on the disk, since files on a tmpfs would be shared memory of the target. */
const makeScratch = (t: ExecutionContext): string => {
  mkdirSync(BUILD, {recursive: true});
  const scratch = mkdtempSync(path.join(BUILD, 'scratch-'));
  chmodSync(scratch, 0o1777);
  t.teardown(() => rmSync(scratch, {recursive: true}));
  return scratch;
};

const isSettled = ({container}: TestTarget, {settled}: Variant): boolean => {
  if (settled === undefined) return true;
  const {leastLazyFreeMebibytes = 0, mostResidentMebibytes = Number.POSITIVE_INFINITY} = settled;
  const {lazyFreeBytes = 0, rssBytes = Number.POSITIVE_INFINITY} =
    sumRollups(listProcesses(container, '/proc'), {procRoot: '/proc', balloonPath: BALLOON}) ?? {};
  return lazyFreeBytes >= leastLazyFreeMebibytes * MIB && rssBytes <= mostResidentMebibytes * MIB;
};
