import {
  ABOVE_EXPECTED,
  AS_EXPECTED,
  expecting,
  FREED_LAZILY,
  GROWS,
  inRounds,
  ONE_LOOK,
  type Variant,
} from '../variant.ts';

const run = (mode: string): Pick<Variant, 'runtime' | 'command'> => ({
  runtime: 'Go',
  command: ['/mnt/heap-go', mode],
});
const LAZY = {GODEBUG: 'madvdontneed=0'};

/** Go 1.12 to 1.15 freed lazily by themselves; later ones do with this switch. */
export const GO: Variant[] = [
  {
    ...run('freed'),
    variant: 'after a burst',
    wishes: expecting(40),
    expected: AS_EXPECTED,
    inGuest: false,
  },
  {
    ...run('freed'),
    variant: 'after a burst, madvdontneed=0',
    env: LAZY,
    wishes: ONE_LOOK,
    ...FREED_LAZILY,
    inGuest: true,
  },
  {
    ...run('serving'),
    variant: 'makes garbage all the time',
    wishes: expecting(64),
    expected: AS_EXPECTED,
    inGuest: false,
  },
  {
    ...run('leaking'),
    variant: 'remembers every request',
    wishes: expecting(40),
    expected: ABOVE_EXPECTED,
    inGuest: true,
  },
  {
    ...run('leaking'),
    variant: 'remembers every request, madvdontneed=0, 8 rounds',
    env: LAZY,
    wishes: inRounds(3),
    expected: GROWS,
    inGuest: false,
  },
];
