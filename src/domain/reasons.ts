import {FAILURE_REASONS} from './verdict.ts';

/** Every reason that a verdict can have, by its outcome; docs/verdict.md explains each. */
export const REASONS = {
  Reclaimable: ['WithinExpected', 'ReclaimedUnderPressure', 'ReturnedByTarget'],
  Leak: ['FloorGrows', 'SharedGrows', 'KernelGrows', 'AboveExpected'],
  Held: ['AsExpected', 'FloorFlat', 'NothingToJudge', 'HeldIdle', 'HeldInUse', 'NotExamined'],
  Inconclusive: [
    ...FAILURE_REASONS,
    'ObservedOnly',
    'NoPressure',
    'Protected',
    'GuardTripped',
    'CapReached',
    'Stalled',
    'WouldSwap',
    'Unexplained',
    'TrendUnclear',
  ],
} as const;

export type ReasonOf<Outcome extends keyof typeof REASONS> = (typeof REASONS)[Outcome][number];
