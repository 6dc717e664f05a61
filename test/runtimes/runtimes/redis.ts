import {
  ABOVE_EXPECTED,
  AS_EXPECTED,
  expecting,
  FREED_LAZILY,
  GROWS,
  HELD_IDLE,
  inRounds,
  ONE_LOOK,
  type Variant,
} from '../variant.ts';

const run = (mode: string): Pick<Variant, 'runtime' | 'command'> => ({
  runtime: 'Redis (jemalloc)',
  command: ['/bin/sh', '/mnt/redis.sh', mode],
});
/** dirty_decay_ms:0 would give pages back before they could become muzzy. */
const jemalloc = (muzzyMilliseconds: number): Record<string, string> => ({
  MALLOC_CONF: `background_thread:true,dirty_decay_ms:100,muzzy_decay_ms:${muzzyMilliseconds}`,
});

export const REDIS: Variant[] = [
  {
    ...run('freed'),
    variant: 'emptied',
    env: jemalloc(0),
    settled: {mostResidentMebibytes: 40},
    wishes: expecting(40),
    expected: AS_EXPECTED,
    inGuest: false,
  },
  {
    ...run('freed'),
    variant: 'emptied, muzzy_decay_ms:-1',
    env: jemalloc(-1),
    wishes: ONE_LOOK,
    ...FREED_LAZILY,
    inGuest: true,
  },
  {
    ...run('idle'),
    variant: 'a cache that nobody reads',
    wishes: ONE_LOOK,
    expected: HELD_IDLE,
    inGuest: true,
  },
  {
    ...run('idle'),
    variant: 'the same, expectedSize: 128Mi',
    wishes: expecting(128),
    expected: AS_EXPECTED,
    inGuest: false,
  },
  {
    ...run('idle'),
    variant: 'the same, 8 rounds',
    wishes: inRounds(1),
    expected: {outcome: 'Held', reasons: ['FloorFlat']},
    inGuest: false,
  },
  {
    ...run('leaking'),
    variant: 'keys that never expire',
    wishes: expecting(64),
    expected: ABOVE_EXPECTED,
    inGuest: false,
  },
  {
    ...run('leaking'),
    variant: 'keys that never expire, 8 rounds',
    wishes: inRounds(3),
    expected: GROWS,
    inGuest: true,
  },
];
