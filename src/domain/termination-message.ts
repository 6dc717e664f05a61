import type {CurvePoint, Evidence, Round} from './evidence.ts';
import {EVIDENCE_FIELDS, type FieldUnit, STOP_CAUSES} from './evidence-fields.ts';
import type {Report} from './report.ts';
import {CUTS, strip} from './report-cuts.ts';
import {isReport} from './report-shape.ts';
import {KIB} from './units.ts';

/** What the kubelet keeps of a termination message. */
export const MAX_MESSAGE_BYTES = 4096;

/**
 * The report as a pod's termination message: positional arrays, sizes in KiB, times in seconds. Where it is too long
 * the curve is thinned first, then the rounds lose what only rare rules need, then a failure's message is cut.
 */
export const encodeReport = (report: Report): string => {
  const cut = CUTS.find(candidate => byteLength(pack(candidate(report))) <= MAX_MESSAGE_BYTES);
  return pack((cut ?? strip)(report));
};

/** Undefined for anything that is no whole report; never throws, since any program may write such a message. */
export const decodeReport = (text: string): Report | undefined => {
  try {
    const report: unknown = unpack(JSON.parse(text));
    return isReport(report) ? report : undefined;
  } catch {
    return undefined;
  }
};

const byteLength = (text: string): number => new TextEncoder().encode(text).length;

const toKib = (bytes: number): number => Math.round(bytes / KIB);
const fromKib = (kibibytes: number): number => kibibytes * KIB;
const toSeconds = (time: string): number => Math.round(Date.parse(time) / 1000);
const fromSeconds = (seconds: number): string => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
const orNull = <T, R>(value: T | undefined, change: (value: T) => R): R | null =>
  value === undefined ? null : change(value);

const isSize = (unit: FieldUnit): boolean => unit === 'bytes' || unit === 'signedBytes';

const pack = (report: Report): string => {
  const {evidence, failure} = report;
  const start = toSeconds(report.startTime);
  return JSON.stringify([
    report.version,
    report.podUID,
    report.containerID,
    start,
    toSeconds(report.endTime) - start,
    report.restored ? 1 : 0,
    failure ? [failure.reason, failure.message] : null,
    EVIDENCE_FIELDS.map(([name, unit]) => orNull(evidence[name], isSize(unit) ? toKib : Number)),
    orNull(evidence.lazyFreeBytes, ({min, max}) => [orNull(min, toKib), orNull(max, toKib)]),
    orNull(evidence.stopCause, cause => STOP_CAUSES.indexOf(cause)),
    orNull(evidence.stopGuard, String),
    orNull(evidence.kernelVersion, String),
    orNull(evidence.rounds, rounds => rounds.map(round => packRound(round, start))),
    orNull(evidence.curve, curve =>
      curve.map(({inflatedBytes, targetBytes}) => [toKib(inflatedBytes), toKib(targetBytes)]),
    ),
  ]);
};

const packRound = (round: Round, start: number) => [
  toSeconds(round.time) - start,
  STOP_CAUSES.indexOf(round.stopCause),
  toKib(round.floorBytes),
  toKib(round.reclaimedBytes),
  orNull(round.unexplainedBytes, toKib),
  orNull(round.shmemBytes, toKib),
  orNull(round.kernelBytes, toKib),
];

// biome-ignore lint/suspicious/noExplicitAny: what comes out is judged as a whole by isReport, and what throws is no report
type Packed = any;

const unpack = (packed: Packed): unknown => {
  const [version, podUID, containerID, start, duration, restored, failure] = packed;
  const [numbers, lazyFree, stopCause, stopGuard, kernelVersion, rounds, curve] = packed.slice(7);
  return {
    version,
    podUID,
    containerID,
    startTime: fromSeconds(start),
    endTime: fromSeconds(start + duration),
    restored: restored === 1,
    ...unlessNull(failure, ([reason, message]) => ({failure: {reason, message}})),
    evidence: {
      ...unpackNumbers(numbers),
      ...unlessNull(lazyFree, ([min, max]) => ({
        lazyFreeBytes: {...unpackSize('min', min), ...unpackSize('max', max)},
      })),
      ...unlessNull(stopCause, index => ({stopCause: STOP_CAUSES[index] ?? 'unknown'})),
      ...unlessNull(stopGuard, text => ({stopGuard: text})),
      ...unlessNull(kernelVersion, text => ({kernelVersion: text})),
      ...unlessNull(rounds, list => ({rounds: list.map((round: Packed) => unpackRound(round, start))})),
      ...unlessNull(curve, list => ({curve: list.map(unpackPoint)})),
    },
  };
};

const unlessNull = (value: Packed, change: (value: Packed) => object): object =>
  value === null ? {} : change(value);

const unpackSize = (name: string, kibibytes: Packed): object =>
  unlessNull(kibibytes, number => ({[name]: fromKib(number)}));

/** A message of an older agent may have fewer numbers: the missing ones were not measured. */
const unpackNumbers = (numbers: Packed): Partial<Evidence> =>
  Object.assign(
    {},
    ...EVIDENCE_FIELDS.map(([name, unit], index) =>
      isSize(unit)
        ? unpackSize(name, numbers[index] ?? null)
        : unlessNull(numbers[index] ?? null, number => ({[name]: number})),
    ),
  );

const unpackRound = (packed: Packed, start: number): object => {
  const [time, stopCause, floor, reclaimed, unexplained, shmem, kernel] = packed;
  return {
    floorBytes: fromKib(floor),
    reclaimedBytes: fromKib(reclaimed),
    ...unpackSize('shmemBytes', shmem),
    ...unpackSize('kernelBytes', kernel),
    ...unpackSize('unexplainedBytes', unexplained),
    stopCause: STOP_CAUSES[stopCause],
    time: fromSeconds(start + time),
  };
};

const unpackPoint = ([inflated, target]: Packed): CurvePoint => ({
  inflatedBytes: fromKib(inflated),
  targetBytes: fromKib(target),
});
