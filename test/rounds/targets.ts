import type {Wishes} from '../agent/agent.ts';

/** What targets do, and what has to come out of rounds on them. Only the first leaks. */
export const KINDS = ['leak under a saw', 'flat', 'sawtooth', 'warm-up', 'filling cache'] as const;
export type Kind = (typeof KINDS)[number];

export const leaks = (kind: Kind): boolean => kind === 'leak under a saw';

export type TargetPlan = {
  name: string;
  kind: Kind;
  method: 'Balloon' | 'Reclaim';
  /** Of the workload program. */
  options: string[];
};

export const ROUNDS = 12;
/** Longer than a round: then a leak is as large from round to round. */
const INTERVAL_SECONDS = 7;
/** One period of every saw below, not two of most. */
const HOLD_SECONDS = 2;
const PERIODS_MILLISECONDS = [1000, 1130, 1270, 1410, 1550, 1690, 1830];
const LEAK_KIBIBYTES_PER_ROUND = 1024;

export const wishesFor = ({method}: Pick<TargetPlan, 'method'>): Wishes => ({
  pressure: {method, holdSeconds: HOLD_SECONDS},
  rounds: {count: ROUNDS, intervalSeconds: INTERVAL_SECONDS},
  guards: {deadlineSeconds: 600},
});

/** Garbage of 100 MiB, given back at once in each period; another period for each target. */
const sawOf = (index: number): string[] => [
  '--saw=100Mi',
  `--saw-milliseconds=${PERIODS_MILLISECONDS[index % PERIODS_MILLISECONDS.length]}`,
];
/** Under a saw or not, in turn. */
const sawOfEvery = (index: number): string[] => (index % 4 < 2 ? sawOf(index) : []);

const OPTIONS: Record<Kind, (index: number) => string[]> = {
  'leak under a saw': index => [
    'growing',
    '--held=40Mi',
    `--per-second=${Math.ceil(LEAK_KIBIBYTES_PER_ROUND / INTERVAL_SECONDS)}Ki`,
    ...sawOf(index),
  ],
  flat: index => ['held-idle', `--held=${40 + 10 * (index % 4)}Mi`],
  sawtooth: index => ['sawtooth', '--held=40Mi', ...sawOf(index)],
  // Over within the rounds: what is slower than they are is told from a leak by nobody (docs/adr/0006-trend.md).
  'warm-up': index => [
    'warm-up',
    '--held=40Mi',
    `--warm=${10 + 10 * (index % 4)}Mi`,
    `--warm-milliseconds=${6000 + 4000 * (index % 5)}`,
    ...sawOfEvery(index),
  ],
  // Full after 20 to 60 of the 80 seconds.
  'filling cache': index => [
    'filling',
    '--held=40Mi',
    '--per-second=500Ki',
    `--growth-limit=${10 + 4 * (index % 6)}Mi`,
    ...sawOfEvery(index),
  ],
};

/** So many of each kind, the methods in turn. */
export const planTargets = (counts: Partial<Record<Kind, number>>): TargetPlan[] =>
  KINDS.flatMap(kind =>
    Array.from({length: counts[kind] ?? 0}, (_, index) => ({
      name: `${kind} ${index + 1}`,
      kind,
      method: index % 2 === 0 ? ('Balloon' as const) : ('Reclaim' as const),
      options: OPTIONS[kind](index),
    })),
  );
