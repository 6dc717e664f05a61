import {ABOVE_EXPECTED, AS_EXPECTED, expecting, type Variant} from '../variant.ts';

const run = (mode: string): Pick<Variant, 'runtime' | 'command' | 'isNode'> => ({
  runtime: 'Node',
  command: ['heap.js', mode],
  isNode: true,
});

export const NODE: Variant[] = [
  {
    ...run('serving'),
    variant: 'makes garbage all the time',
    wishes: expecting(160),
    expected: AS_EXPECTED,
    inGuest: false,
  },
  {
    ...run('leaking'),
    variant: 'remembers every request',
    wishes: expecting(80),
    expected: ABOVE_EXPECTED,
    inGuest: true,
  },
];
