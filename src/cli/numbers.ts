import type {MemoryProbeBody} from '../api/memory-probe.ts';
import type {Method} from '../domain/settings.ts';
import {MIB} from '../domain/units.ts';

export type Evidence = NonNullable<NonNullable<MemoryProbeBody['status']>['evidence']>;

/** One line of the table of numbers. */
export type NumberRow = {label: string; value: string; note: string};

type Row = {label: string; value: string | undefined; note: string; always?: boolean};

/** The numbers that decide, always; the others where they were measured and say something. */
export const listNumbers = (
  evidence: Evidence,
  method: Method | undefined,
  expectedBytes: number | undefined,
): NumberRow[] => {
  const rows = [
    ...listMemory(evidence, expectedBytes),
    ...listDifferences(evidence),
    ...listOthers(evidence),
    describePressure(evidence, method),
  ];
  return rows
    .filter(({value, always}) => always || value !== undefined)
    .map(({label, value, note}) => ({label, value: value ?? 'not measured', note}));
};

const listMemory = (evidence: Evidence, expectedBytes: number | undefined): Row[] => [
  {
    label: 'baseline',
    value: size(evidence.baselineBytes),
    note: 'anon + swap before the squeeze',
    always: true,
  },
  {
    label: 'expected',
    value: size(expectedBytes),
    note: 'spec.criteria.expectedSize',
  },
  {
    label: 'floor',
    value: size(evidence.floorBytes),
    note: isFloor(evidence)
      ? 'what is left when nothing more can be taken'
      : 'not proven: the squeeze ended before it',
    always: true,
  },
  {
    label: 'reclaimed',
    value: size(evidence.reclaimedBytes),
    note: shareOf(evidence.reclaimedBytes, evidence.baselineBytes, 'the baseline'),
    always: true,
  },
  {
    label: 'lazily freed',
    value: size(evidence.lazyFreeBytes?.min),
    note: `predicted before any pressure${upTo(evidence.lazyFreeBytes?.max)}`,
    always: true,
  },
  {
    label: 'taken back',
    value: size(evidence.lazyFreedBytes),
    note: 'lazily freed bytes that the kernel took',
  },
  {
    label: 'idle',
    value: size(evidence.idleBytes),
    note: shareOf(evidence.idleBytes, evidence.floorBytes, 'the floor'),
  },
];

/** What else moved: shown only when there was some of it. */
const listDifferences = (evidence: Evidence): Row[] => [
  {label: 'given back', value: someOf(evidence.returnedBytes), note: 'by the program itself'},
  {label: 'swapped out', value: someOf(evidence.swappedBytes), note: 'counted as held'},
  {label: 'allocated', value: someOf(evidence.allocatedBytes), note: 'by the target meanwhile'},
  {label: 'unexplained', value: someOf(evidence.unexplainedBytes), note: 'fall that nothing accounts for'},
];

const listOthers = (evidence: Evidence): Row[] => [
  {
    label: 'page cache',
    value: someOf(evidence.fileBytes),
    note: evidence.fileReclaimedBytes
      ? `before the squeeze; ${size(evidence.fileReclaimedBytes)} taken of all that was pressed`
      : 'before the squeeze',
  },
  {label: 'shared memory', value: someOf(evidence.shmemBytes), note: 'shmem and tmpfs'},
  {label: 'kernel memory', value: someOf(evidence.kernelBytes), note: 'unreclaimable'},
  {
    label: 'huge pages',
    value: someOf(evidence.hugePageFillBytes),
    note: 'most that khugepaged may have added to the floors',
  },
];

const describePressure = (evidence: Evidence, method: Method | undefined): Row => {
  const {inflatedBytes, curve, steps, stopCause, stopGuard, peakPressurePercent} = evidence;
  const parts = [
    steps === undefined ? undefined : `${steps} steps`,
    stopCause && `stopped: ${stopCause}${stopGuard ? ` (${stopGuard})` : ''}`,
    peakPressurePercent === undefined ? undefined : `peak pressure ${peakPressurePercent} %`,
  ];
  const note = parts.filter(Boolean).join(', ');
  const [label, bytes] =
    method === 'Reclaim' ? ['asked for', curve?.at(-1)?.inflatedBytes] : ['balloon', inflatedBytes];
  return {label, value: size(bytes), note, always: note !== ''};
};

/** Only a squeeze that ended by itself makes a floor. */
const isFloor = ({floorBytes, stopCause}: Evidence): boolean =>
  floorBytes === undefined || stopCause === 'Exhausted';

/** `346.0 MiB`, always in MiB so that a column compares. */
const size = (bytes: number | undefined): string | undefined =>
  bytes === undefined ? undefined : `${(bytes / MIB).toFixed(1)} MiB`;

const someOf = (bytes: number | undefined): string | undefined => (bytes ? size(bytes) : undefined);

const upTo = (bytes: number | undefined): string => (bytes === undefined ? '' : `, at most ${size(bytes)}`);

const shareOf = (part: number | undefined, whole: number | undefined, of: string): string =>
  part === undefined || !whole ? '' : `${((100 * part) / whole).toFixed(1)} % of ${of}`;
