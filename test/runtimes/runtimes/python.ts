import {
  ABOVE_EXPECTED,
  AS_EXPECTED,
  expecting,
  FREED_LAZILY,
  HELD_IDLE,
  ONE_LOOK,
  type Variant,
} from '../variant.ts';

const run = (mode: string): Pick<Variant, 'runtime' | 'command'> => ({
  runtime: 'Python',
  command: ['/usr/bin/python3', '/mnt/heap.py', mode],
});

export const PYTHON: Variant[] = [
  {
    ...run('freed'),
    variant: 'after a burst',
    wishes: expecting(40),
    expected: AS_EXPECTED,
    inGuest: false,
  },
  {
    ...run('freed'),
    variant: 'after a burst, on jemalloc with muzzy_decay_ms:-1',
    // Through env: the loader of what starts the program would look for the library too.
    command: [
      '/usr/bin/env',
      'LD_PRELOAD=libjemalloc.so.2',
      'PYTHONMALLOC=malloc',
      'MALLOC_CONF=background_thread:true,dirty_decay_ms:100,muzzy_decay_ms:-1',
      ...run('freed').command,
    ],
    wishes: ONE_LOOK,
    ...FREED_LAZILY,
    inGuest: true,
  },
  {
    ...run('scattered'),
    variant: 'after a burst of which one object in a hundred stays',
    wishes: ONE_LOOK,
    expected: HELD_IDLE,
    inGuest: false,
  },
  {
    ...run('leaking'),
    // In the guest its interpreter is page cache of its own, in use and read back at once: the guard against that may trip.
    variant: 'remembers every request',
    wishes: expecting(40),
    expected: ABOVE_EXPECTED,
    inGuest: false,
  },
];
