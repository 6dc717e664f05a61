import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import type {Scope} from './cgroups.ts';

/** A shell script as a program in the balloon's place, in a folder of its own that goes with the test. */
export const writeProgram = (t: Scope, script: string): string => {
  const folder = mkdtempSync(path.join(tmpdir(), 'program-'));
  t.teardown(() => rmSync(folder, {recursive: true}));
  const program = path.join(folder, 'balloon');
  writeFileSync(program, `#!/bin/sh\n${script}\n`, {mode: 0o755});
  return program;
};
