import {
  ABOVE_EXPECTED,
  AS_EXPECTED,
  expecting,
  GROWS,
  HELD_IDLE,
  inRounds,
  ONE_LOOK,
  type Variant,
} from '../variant.ts';

const run = (mode: string, ...options: string[]): Pick<Variant, 'runtime' | 'command'> => ({
  runtime: 'Java 17',
  command: ['/bin/sh', '/mnt/java.sh', '-Xmx256m', ...options, '-cp', '/mnt', 'Heap', mode],
});
const [G1, ZGC] = ['-XX:+UseG1GC', '-XX:+UseZGC'];

export const JAVA: Variant[] = [
  {
    ...run('dropped', G1),
    variant: 'G1, after a burst: garbage that nobody collected',
    wishes: ONE_LOOK,
    expected: HELD_IDLE,
    inGuest: false,
  },
  {
    ...run('dropped', G1, '-XX:G1PeriodicGCInterval=500'),
    variant: 'G1, the same, G1PeriodicGCInterval=500',
    settled: {mostResidentMebibytes: 100},
    wishes: expecting(80),
    expected: AS_EXPECTED,
    inGuest: false,
  },
  {
    ...run('leaking', G1),
    variant: 'G1, remembers every request',
    wishes: expecting(80),
    expected: ABOVE_EXPECTED,
    inGuest: true,
  },
  {
    ...run('holding', ZGC),
    variant: 'ZGC, a heap in use',
    wishes: ONE_LOOK,
    expected: {outcome: 'Held', reasons: ['HeldIdle', 'HeldInUse'], leastSharedMebibytes: 70},
    inGuest: false,
  },
  {
    // Without a small start all of the heap would be there from the beginning, and never grow.
    ...run('leaking', ZGC, '-Xms16m'),
    variant: 'ZGC, remembers every request, 8 rounds',
    wishes: inRounds(3),
    expected: {...GROWS, reasons: ['SharedGrows']},
    inGuest: false,
  },
];
