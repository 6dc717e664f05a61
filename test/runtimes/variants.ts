import {GO} from './runtimes/go.ts';
import {JAVA} from './runtimes/java.ts';
import {MALLOC} from './runtimes/malloc.ts';
import {NODE} from './runtimes/node.ts';
import {POSTGRES} from './runtimes/postgres.ts';
import {PYTHON} from './runtimes/python.ts';
import {REDIS} from './runtimes/redis.ts';
import type {Variant} from './variant.ts';

/** In the order of the table in docs/verdict.md. */
export const VARIANTS: Variant[] = [...GO, ...REDIS, ...PYTHON, ...NODE, ...MALLOC, ...JAVA, ...POSTGRES];
