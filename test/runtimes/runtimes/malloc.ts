import {
  ABOVE_EXPECTED,
  AS_EXPECTED,
  expecting,
  FREED_LAZILY,
  HELD_IDLE,
  ONE_LOOK,
  type Variant,
} from '../variant.ts';

const glibc = (mode: string): Pick<Variant, 'runtime' | 'command'> => ({
  runtime: 'C, glibc malloc',
  command: ['/mnt/malloc', mode],
});
const mimalloc = (...environment: string[]): Pick<Variant, 'runtime' | 'command'> => ({
  runtime: 'C, mimalloc 2.0',
  command: ['/usr/bin/env', 'LD_PRELOAD=libmimalloc.so.2', ...environment, '/mnt/malloc', 'freed'],
});

export const MALLOC: Variant[] = [
  {
    ...glibc('freed'),
    variant: 'after a burst, its last block still in use',
    wishes: ONE_LOOK,
    expected: HELD_IDLE,
    inGuest: false,
  },
  {
    ...glibc('trimmed'),
    variant: 'the same after malloc_trim',
    wishes: expecting(40),
    expected: AS_EXPECTED,
    inGuest: false,
  },
  {
    ...glibc('leaking'),
    variant: 'forgets every request',
    wishes: expecting(40),
    expected: ABOVE_EXPECTED,
    inGuest: false,
  },
  {
    ...mimalloc(),
    variant: 'after a burst, and no work since',
    wishes: ONE_LOOK,
    expected: HELD_IDLE,
    inGuest: false,
  },
  {
    ...mimalloc('MIMALLOC_PAGE_RESET=1'),
    variant: 'after a burst, MIMALLOC_PAGE_RESET=1',
    wishes: ONE_LOOK,
    ...FREED_LAZILY,
    inGuest: true,
  },
];
