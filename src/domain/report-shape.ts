import {type Evidence, MAX_CURVE_POINTS, MAX_ROUNDS} from './evidence.ts';
import {EVIDENCE_FIELDS, fitsUnit, STOP_CAUSES} from './evidence-fields.ts';
import type {Report} from './report.ts';
import {FAILURE_REASONS} from './verdict.ts';

type Fields = Record<string, unknown>;

/** Whether a value read from a file is a whole report: every field of the right kind and within its bounds. */
export const isReport = (value: unknown): value is Report =>
  isObject(value) &&
  value.version === 1 &&
  ['podUID', 'containerID'].every(name => typeof value[name] === 'string') &&
  isTime(value.startTime) &&
  isTime(value.endTime) &&
  typeof value.restored === 'boolean' &&
  isOptional(value.failure, isFailure) &&
  isEvidence(value.evidence);

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isOptional = (value: unknown, check: (value: unknown) => boolean): boolean =>
  value === undefined || check(value);

const isTime = (value: unknown): boolean => typeof value === 'string' && !Number.isNaN(Date.parse(value));
const isSize = (value: unknown): boolean => fitsUnit(value, 'bytes');
const isText = (value: unknown): boolean => typeof value === 'string';
const isStopCause = (value: unknown): boolean => STOP_CAUSES.some(cause => cause === value);

const isFailure = (value: unknown): boolean =>
  isObject(value) && FAILURE_REASONS.some(reason => reason === value.reason) && isText(value.message);

/** Whether a value read from a file is evidence: numbers that are texts, or below 0, would be judged as if they were true. */
export const isEvidence = (value: unknown): value is Evidence =>
  isObject(value) &&
  EVIDENCE_FIELDS.every(([name, unit]) => isOptional(value[name], number => fitsUnit(number, unit))) &&
  isOptional(value.lazyFreeBytes, isRange) &&
  isOptional(value.stopCause, isStopCause) &&
  isOptional(value.stopGuard, isText) &&
  isOptional(value.kernelVersion, isText) &&
  isOptional(value.rounds, rounds => isListOf(rounds, MAX_ROUNDS, isRound)) &&
  isOptional(value.curve, curve => isListOf(curve, MAX_CURVE_POINTS, isCurvePoint));

const isListOf = (value: unknown, max: number, check: (item: unknown) => boolean): boolean =>
  Array.isArray(value) && value.length <= max && value.every(check);

const isRange = (value: unknown): boolean =>
  isObject(value) && isOptional(value.min, isSize) && isOptional(value.max, isSize);

const isRound = (value: unknown): boolean =>
  isObject(value) &&
  [value.floorBytes, value.reclaimedBytes].every(isSize) &&
  ['shmemBytes', 'kernelBytes', 'unexplainedBytes'].every(name => isOptional(value[name], isSize)) &&
  isStopCause(value.stopCause) &&
  isTime(value.time);

const isCurvePoint = (value: unknown): boolean =>
  isObject(value) && isSize(value.inflatedBytes) && isSize(value.targetBytes);
