import fc from 'fast-check';
import type {CurvePoint, Evidence, Round} from '../../src/domain/evidence.ts';
import {EVIDENCE_FIELDS, STOP_CAUSES} from '../../src/domain/evidence-fields.ts';
import type {Report} from '../../src/domain/report.ts';
import {GIB, KIB} from '../../src/domain/units.ts';
import {FAILURE_REASONS} from '../../src/domain/verdict.ts';

const MOST_KIB = (16 * 1024 * GIB) / KIB;

const size = fc.integer({min: 0, max: MOST_KIB}).map(kibibytes => kibibytes * KIB);
const signedSize = fc.integer({min: -MOST_KIB, max: MOST_KIB}).map(kibibytes => kibibytes * KIB + 0);
const count = fc.nat(2 ** 31 - 1);
const time = fc
  .integer({min: 1_700_000_000, max: 1_900_000_000})
  .map(seconds => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z'));
const NUMBERS = {
  bytes: size,
  signedBytes: signedSize,
  count,
  percent: fc.integer({min: 0, max: 100}),
  cgroupVersion: fc.constantFrom(1, 2),
};

const round: fc.Arbitrary<Round> = fc.record(
  {
    floorBytes: size,
    reclaimedBytes: size,
    shmemBytes: size,
    kernelBytes: size,
    unexplainedBytes: size,
    stopCause: fc.constantFrom(...STOP_CAUSES),
    time,
  },
  {requiredKeys: ['floorBytes', 'reclaimedBytes', 'stopCause', 'time']},
);
const curvePoint: fc.Arbitrary<CurvePoint> = fc.record({inflatedBytes: size, targetBytes: size});

const evidence = fc.record(
  {
    ...Object.fromEntries(EVIDENCE_FIELDS.map(([name, unit]) => [name, NUMBERS[unit]])),
    lazyFreeBytes: fc.record({min: size, max: size}, {requiredKeys: []}),
    stopCause: fc.constantFrom(...STOP_CAUSES),
    stopGuard: fc.constantFrom('maxPressurePercent', 'refaults', 'headroom'),
    kernelVersion: fc.constantFrom('6.1.0-44-cloud-amd64', '5.15.0-1057-aws'),
    rounds: fc.array(round, {maxLength: 32}),
    curve: fc.array(curvePoint, {maxLength: 32}),
  },
  {requiredKeys: []},
) as fc.Arbitrary<Evidence>;

/** Any report that an agent could write, with sizes in whole KiB as the kernel has them in pages. */
export const anyReport: fc.Arbitrary<Report> = fc.record(
  {
    version: fc.constant(1 as const),
    podUID: fc.uuid(),
    containerID: fc.constant(`containerd://${'0123456789abcdef'.repeat(4)}`),
    startTime: time,
    endTime: time,
    restored: fc.boolean(),
    failure: fc.record({reason: fc.constantFrom(...FAILURE_REASONS), message: fc.string({unit: 'grapheme'})}),
    evidence,
  },
  {requiredKeys: ['version', 'podUID', 'containerID', 'startTime', 'endTime', 'restored', 'evidence']},
);

const MOST = MOST_KIB * KIB;
const LAST_TIME = '2026-01-31T00:00:00Z';

/** The longest report that the schema allows: every field there, every number at its bound. */
export const largestReport = (): Report => ({
  version: 1,
  podUID: 'f'.repeat(36),
  containerID: `containerd://${'f'.repeat(64)}`,
  startTime: '2026-01-01T00:00:00Z',
  endTime: LAST_TIME,
  restored: true,
  evidence: {
    ...Object.fromEntries(
      EVIDENCE_FIELDS.map(([name, unit]) => [
        name,
        {bytes: MOST, signedBytes: -MOST, count: 2 ** 31 - 1, percent: 100, cgroupVersion: 2}[unit],
      ]),
    ),
    lazyFreeBytes: {min: MOST, max: MOST},
    stopCause: 'Guard',
    stopGuard: 'maxPressurePercent',
    kernelVersion: 'f'.repeat(64),
    rounds: Array.from({length: 32}, () => ({
      floorBytes: MOST,
      reclaimedBytes: MOST,
      shmemBytes: MOST,
      kernelBytes: MOST,
      unexplainedBytes: MOST,
      stopCause: 'Swap' as const,
      time: LAST_TIME,
    })),
    curve: Array.from({length: 32}, () => ({inflatedBytes: MOST, targetBytes: MOST})),
  },
});
