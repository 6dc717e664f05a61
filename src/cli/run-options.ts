import {decodeSpec} from '../api/decode.ts';
import {SpecError} from '../api/fields.ts';
import type {ProbeSpec} from '../api/spec.ts';
import {UsageError} from '../lib/exit.ts';

/** One option of `memoryprobe run`, for one field of a MemoryProbe's spec. */
export type RunOption = {flag: string; field: `${string}.${string}`; argument?: string; about: string};

export const RUN_OPTIONS: readonly RunOption[] = [
  {flag: 'method', field: 'pressure.method', argument: 'method', about: 'Reclaim, Balloon or Observe'},
  {flag: 'step-size', field: 'pressure.stepSize', argument: 'size', about: 'largest step, such as 64Mi'},
  {
    flag: 'step-interval-milliseconds',
    field: 'pressure.stepIntervalMilliseconds',
    argument: 'number',
    about: 'time between two steps',
  },
  {flag: 'max-size', field: 'pressure.maxSize', argument: 'size', about: 'most that is asked for or held'},
  {
    flag: 'hold-seconds',
    field: 'pressure.holdSeconds',
    argument: 'number',
    about: 'how long the floor is watched',
  },
  {
    flag: 'rounds',
    field: 'rounds.count',
    argument: 'number',
    about: 'squeezes; 8 or more show a growing floor',
  },
  {
    flag: 'interval-seconds',
    field: 'rounds.intervalSeconds',
    argument: 'number',
    about: 'between the starts of two squeezes',
  },
  {flag: 'stop-early', field: 'rounds.stopEarly', about: 'end as soon as a leak is certain'},
  {
    flag: 'expected-size',
    field: 'criteria.expectedSize',
    argument: 'size',
    about: 'anon + swap that a healthy target needs',
  },
  {
    flag: 'min-reclaimed-percent',
    field: 'criteria.minReclaimedPercent',
    argument: 'number',
    about: 'share of the baseline that counts as reclaimable',
  },
  {
    flag: 'min-growth',
    field: 'criteria.minGrowth',
    argument: 'size',
    about: 'smallest growth that can be a leak',
  },
  {
    flag: 'idle-seconds',
    field: 'criteria.idleSeconds',
    argument: 'number',
    about: 'not touched for so long is idle; 0: no look',
  },
  {
    flag: 'min-idle-percent',
    field: 'criteria.minIdlePercent',
    argument: 'number',
    about: 'share of the held memory that counts as idle',
  },
  {
    flag: 'min-node-available',
    field: 'guards.minNodeAvailable',
    argument: 'size',
    about: 'memory of the machine that must stay available',
  },
  {
    flag: 'max-pressure-percent',
    field: 'guards.maxPressurePercent',
    argument: 'number',
    about: 'stall of the target at which all is let go',
  },
  {
    flag: 'max-cache-reclaimed',
    field: 'guards.maxCacheReclaimed',
    argument: 'size',
    about: 'page cache that may be taken',
  },
  {flag: 'deadline-seconds', field: 'guards.deadlineSeconds', argument: 'number', about: 'longest run'},
];

/** What commander found: camel case names. */
export type RunFlags = Record<string, unknown>;

const toCamel = (flag: string): string => flag.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

/** The options as the numbers that the agent is told, with every default filled in. Throws UsageError in the options' words. */
export const decodeRunFlags = (flags: RunFlags): Omit<ProbeSpec, 'target'> => {
  const spec: Record<string, Record<string, unknown>> = {target: {podName: 'local'}};
  for (const {flag, field} of RUN_OPTIONS) {
    const [section = '', name = ''] = field.split('.');
    const value = flags[toCamel(flag)];
    if (value !== undefined) spec[section] = {...spec[section], [name]: toValue(value)};
  }
  try {
    const {target: _target, ...rest} = decodeSpec(spec);
    return rest;
  } catch (error) {
    if (error instanceof SpecError) throw new UsageError(nameFlags(error.message));
    throw error;
  }
};

/** Whole numbers are numbers in a spec; the rest is looked at as it was typed. */
const toValue = (typed: unknown): unknown =>
  typeof typed === 'string' && /^\d{1,15}$/.test(typed) ? Number(typed) : typed;

/** The same sentence in the options' words: `spec.rounds.count` is `--rounds`. */
export const nameFlags = (sentence: string): string =>
  sentence.replaceAll(
    /spec\.(\w+\.\w+)(: ?(\S+?)(?=[\s,;)]|\.?$))?/g,
    (found, field: string, _, value?: string) => {
      const option = RUN_OPTIONS.find(known => known.field === field);
      if (!option) return found;
      return value === undefined ? `--${option.flag}` : `--${option.flag} ${value}`;
    },
  );
