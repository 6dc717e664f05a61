import {readFileSync} from 'node:fs';
import path from 'node:path';

/** Text that a real kernel printed; test/fixtures/kernel/README.md says in which situation. */
export const kernelText = (name: string): string =>
  readFileSync(path.resolve(import.meta.dirname, '../fixtures/kernel', name), 'utf8');
