import type {Wishes} from '../../test/agent/agent.ts';
import type {Expectation} from './corpus.ts';

/** A run that can be made again on any kernel: a workload whose memory is known, and what has to be found. */
export type Recipe = {
  name: string;
  workload: string[];
  wishes: Wishes;
  /** Kills the target, or the agent, as soon as the balloon holds something. */
  kill?: 'target' | 'agent';
  expected: Expectation;
};

const MIB = 1024 * 1024;
const UNKNOWN = {passed: 'Unknown'} as const;

export const RECIPES: readonly Recipe[] = [
  {
    name: 'lazily-freed',
    workload: ['lazily-freed', '--freed=100Mi', '--held=30Mi'],
    wishes: {},
    expected: {
      about: '100 MiB freed with MADV_FREE beside 30 MiB that are held',
      verdict: 'Reclaimable',
      reason: 'ReclaimedUnderPressure',
      passed: 'True',
      mebibytes: {baseline: 130, floor: 30, reclaimed: 100, lazyFreed: 100},
    },
  },
  {
    name: 'lazily-freed-six-rounds',
    workload: ['lazily-freed', '--freed=60Mi', '--held=30Mi'],
    wishes: {rounds: {count: 6, intervalSeconds: 1}, pressure: {holdSeconds: 1}},
    expected: {
      about: 'the same squeezed six times: only the first finds something, and that one is the proof',
      verdict: 'Reclaimable',
      reason: 'ReclaimedUnderPressure',
      passed: 'True',
      mebibytes: {baseline: 90, floor: 30, reclaimed: 60, lazyFreed: 60},
    },
  },
  {
    name: 'within-expected',
    workload: ['lazily-freed', '--freed=60Mi', '--held=30Mi'],
    wishes: {criteria: {expectedBytes: 40 * MIB}},
    expected: {
      about: 'above the expected 40 MiB before the squeeze, within them after it',
      verdict: 'Reclaimable',
      reason: 'WithinExpected',
      passed: 'True',
      mebibytes: {baseline: 90, floor: 30, reclaimed: 60},
    },
  },
  {
    name: 'above-expected',
    workload: ['held-idle', '--held=80Mi'],
    wishes: {criteria: {expectedBytes: 40 * MIB}},
    expected: {
      about: '80 MiB held where 40 MiB were expected',
      verdict: 'Leak',
      reason: 'AboveExpected',
      passed: 'False',
      mebibytes: {baseline: 80, floor: 80, reclaimed: 0},
    },
  },
  {
    name: 'growing',
    workload: ['growing', '--held=30Mi', '--per-second=4Mi'],
    wishes: {rounds: {count: 8, intervalSeconds: 3}, pressure: {holdSeconds: 1}},
    expected: {
      about: '4 MiB leaked each second, over eight squeezes',
      verdict: 'Leak',
      reason: 'FloorGrows',
      passed: 'False',
      mebibytes: {},
    },
  },
  {
    name: 'flat',
    workload: ['held-idle', '--held=40Mi'],
    wishes: {rounds: {count: 8, intervalSeconds: 1}, pressure: {holdSeconds: 1}},
    expected: {
      about: '40 MiB held over eight squeezes, and not a page more',
      verdict: 'Held',
      reason: 'FloorFlat',
      passed: 'True',
      mebibytes: {baseline: 40, floor: 40, reclaimed: 0},
    },
  },
  {
    name: 'held-idle',
    workload: ['held-idle', '--held=80Mi'],
    wishes: {criteria: {idleSeconds: 1}},
    expected: {
      about: '80 MiB held and not touched',
      verdict: 'Held',
      reason: 'HeldIdle',
      ...UNKNOWN,
      mebibytes: {baseline: 80, floor: 80, reclaimed: 0, idle: 80},
    },
  },
  {
    name: 'held-used',
    workload: ['held-used', '--held=24Mi', '--touch-milliseconds=100'],
    wishes: {criteria: {idleSeconds: 1}},
    expected: {
      about: '24 MiB held, all of it touched ten times a second',
      verdict: 'Held',
      reason: 'HeldInUse',
      ...UNKNOWN,
      mebibytes: {baseline: 24, floor: 24, reclaimed: 0, idle: 0},
    },
  },
  {
    name: 'observed',
    workload: ['lazily-freed', '--freed=60Mi', '--held=30Mi'],
    wishes: {pressure: {method: 'Observe'}},
    expected: {
      about: 'looked at, not pressed',
      verdict: 'Inconclusive',
      reason: 'ObservedOnly',
      ...UNKNOWN,
      mebibytes: {baseline: 90},
    },
  },
  {
    name: 'target-gone',
    workload: ['lazily-freed', '--freed=100Mi', '--held=30Mi'],
    wishes: {},
    kill: 'target',
    expected: {
      about: 'the target was killed in the middle of the squeeze',
      verdict: 'Inconclusive',
      reason: 'TargetGone',
      ...UNKNOWN,
      mebibytes: {},
    },
  },
  {
    name: 'cut-off',
    workload: ['lazily-freed', '--freed=100Mi', '--held=30Mi'],
    wishes: {},
    kill: 'agent',
    expected: {
      about: 'the agent was killed in the middle of the squeeze: the record has no end',
      verdict: 'Inconclusive',
      reason: 'ReportMissing',
      ...UNKNOWN,
      mebibytes: {},
    },
  },
];
