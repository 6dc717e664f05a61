import type {Criteria, GuardSettings, PressureSettings, RoundSettings} from '../domain/settings.ts';
import {GIB, MIB} from '../domain/units.ts';
import {DEFAULTS} from './defaults.ts';
import {
  type Fields,
  readBytes,
  readChoice,
  readFlag,
  readOptionalBytes,
  readOptionalName,
  readThreshold,
  readWhole,
  SpecError,
} from './fields.ts';
import type {ProbeSpec, TargetSelection} from './spec.ts';

/**
 * The spec of a MemoryProbe, from the API server or from a file, as numbers with every default filled in. What the
 * schema of the API server refuses is refused here too: a spec may be older than the schema, or never have seen one.
 * Throws SpecError.
 */
export const decodeSpec = (spec: unknown): ProbeSpec => {
  const values = recordOf(spec, 'spec');
  const ttlSeconds =
    values.ttlSecondsAfterFinished === undefined
      ? undefined
      : readWhole({path: 'spec', values}, 'ttlSecondsAfterFinished', [0, 31_536_000]);
  return {
    target: decodeTarget({path: 'spec.target', values: recordOf(values.target, 'spec.target')}),
    pressure: decodePressure(fieldsOf(values, 'pressure')),
    rounds: decodeRounds(fieldsOf(values, 'rounds')),
    criteria: decodeCriteria(fieldsOf(values, 'criteria')),
    guards: decodeGuards(fieldsOf(values, 'guards')),
    ...(ttlSeconds !== undefined && {ttlSeconds}),
  };
};

const recordOf = (value: unknown, path: string): Record<string, unknown> => {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new SpecError(`${path} must be an object, not ${JSON.stringify(value)}`);
};

/** One section of the spec over its defaults. */
const fieldsOf = (spec: Record<string, unknown>, section: keyof typeof DEFAULTS): Fields => {
  const path = `spec.${section}`;
  return {path, values: {...DEFAULTS[section], ...recordOf(spec[section] ?? {}, path)}};
};

const decodeTarget = (fields: Fields): TargetSelection => {
  const podName = readOptionalName(fields, 'podName');
  const container = readOptionalName(fields, 'container');
  const {selector} = fields.values;
  if ((podName === undefined) === (selector === undefined))
    throw new SpecError('exactly one of spec.target.podName and spec.target.selector must be set');
  const name = container === undefined ? {} : {container};
  return podName === undefined ? {matchLabels: decodeLabels(selector), ...name} : {podName, ...name};
};

const decodeLabels = (selector: unknown): Record<string, string> => {
  const path = 'spec.target.selector.matchLabels';
  const labels = recordOf(recordOf(selector, 'spec.target.selector').matchLabels, path);
  if (Object.keys(labels).length === 0) throw new SpecError(`${path} must name at least one label, not {}`);
  for (const [label, value] of Object.entries(labels)) {
    if (!LABEL_NAME.test(label))
      throw new SpecError(`${path} must be names of labels, not ${JSON.stringify(label)}`);
    if (typeof value !== 'string' || !LABEL_VALUE.test(value))
      throw new SpecError(
        `${path}.${label} must be a label's value: at most 63 letters, digits, ".", "_" and "-", not ${JSON.stringify(value)}`,
      );
  }
  return labels as Record<string, string>;
};

/** What else could be in there would be read as another selector: `app: "a,b in (c)"`. */
const LABEL_VALUE = /^(?:[A-Za-z0-9](?:[-\w.]{0,61}[A-Za-z0-9])?)?$/;
const LABEL_NAME = /^(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[-\w.]{0,61}[A-Za-z0-9])?$/;

const decodePressure = (fields: Fields): PressureSettings => {
  const maxSizeBytes = readOptionalBytes(fields, 'maxSize', MIB);
  if (fields.values.scope === 'Node' && fields.values.method !== 'Balloon')
    throw new SpecError(
      `spec.pressure.scope Node needs spec.pressure.method Balloon, not ${JSON.stringify(fields.values.method)}`,
    );
  return {
    scope: readChoice(fields, 'scope', ['Pod', 'Node']),
    method: readChoice(fields, 'method', ['Balloon', 'Reclaim', 'Observe']),
    stepSizeBytes: readBytes(fields, 'stepSize', [MIB, GIB]),
    stepIntervalMilliseconds: readWhole(fields, 'stepIntervalMilliseconds', [20, 10_000]),
    ...(maxSizeBytes !== undefined && {maxSizeBytes}),
    holdSeconds: readWhole(fields, 'holdSeconds', [1, 3600]),
  };
};

const decodeRounds = (fields: Fields): RoundSettings => ({
  count: readWhole(fields, 'count', [1, 32]),
  intervalSeconds: readWhole(fields, 'intervalSeconds', [1, 86_400]),
  stopEarly: readFlag(fields, 'stopEarly'),
});

const decodeCriteria = (fields: Fields): Criteria => {
  const expectedBytes = readOptionalBytes(fields, 'expectedSize', 0);
  return {
    ...(expectedBytes !== undefined && {expectedBytes}),
    minReclaimedPercent: readWhole(fields, 'minReclaimedPercent', [0, 100]),
    minGrowthBytes: readBytes(fields, 'minGrowth'),
    idleSeconds: readWhole(fields, 'idleSeconds', [0, 3600]),
    minIdlePercent: readWhole(fields, 'minIdlePercent', [1, 100]),
  };
};

const decodeGuards = (fields: Fields): GuardSettings => ({
  minNodeAvailable: readThreshold(fields, 'minNodeAvailable', 90),
  maxPressurePercent: readWhole(fields, 'maxPressurePercent', [1, 100]),
  maxCacheReclaimedBytes: readBytes(fields, 'maxCacheReclaimed'),
  deadlineSeconds: readWhole(fields, 'deadlineSeconds', [10, 2_678_400]),
});
