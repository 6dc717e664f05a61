import {closeSync, openSync, readSync} from 'node:fs';
import {isGone} from './failure.ts';

/** A kernel file that is read again and again: opened once, and every read at offset 0 makes its text anew. */
export type TextFile = {read: () => string; close: () => void};

const FIRST_SIZE = 16 * 1024;

/** Opens a file of the kernel; throws what open says. */
export const openTextFile = (path: string): TextFile => {
  const descriptor = openSync(path, 'r');
  let buffer = Buffer.allocUnsafe(FIRST_SIZE);
  const read = (): string => {
    for (let length = 0; ; ) {
      const count = readSync(descriptor, buffer, length, buffer.length - length, length);
      if (count === 0) return buffer.toString('latin1', 0, length);
      length += count;
      if (length === buffer.length) buffer = Buffer.concat([buffer], buffer.length * 2);
    }
  };
  return {read, close: () => closeSync(descriptor)};
};

/** The same for a file that this kernel may not have: undefined where it is absent. */
export const openOptional = (path: string): TextFile | undefined => {
  try {
    return openTextFile(path);
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
};
