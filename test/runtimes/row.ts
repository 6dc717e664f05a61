import type {Evidence} from '../../src/domain/evidence.ts';
import type {Verdict} from '../../src/domain/verdict.ts';

/** One line of the table in docs/verdict.md. Sizes in bytes; absent: not measured. */
export type Row = Pick<Verdict, 'outcome' | 'reason'> &
  Pick<
    Evidence,
    'baselineBytes' | 'lazyFreeBytes' | 'lazyFreedBytes' | 'floorBytes' | 'shmemBytes' | 'cgroupVersion'
  > & {runtime: string; variant: string; seconds: number};

const HEAD = [
  'runtime',
  'variant',
  'cgroup',
  'verdict',
  'baseline',
  'predicted',
  'taken',
  'floor',
  'shared',
  'seconds',
];

/** Sizes in MiB: whoever makes the table again shall see what changed, not noise. */
export const renderTable = (rows: Row[]): string =>
  [HEAD, HEAD.map(() => '---'), ...rows.map(renderRow)].map(cells => `| ${cells.join(' | ')} |`).join('\n');

const renderRow = (row: Row): string[] => [
  row.runtime,
  row.variant,
  `v${row.cgroupVersion}`,
  `${row.outcome} ${row.reason}`,
  inMebibytes(row.baselineBytes),
  inMebibytes(row.lazyFreeBytes?.min),
  inMebibytes(row.lazyFreedBytes),
  inMebibytes(row.floorBytes),
  inMebibytes(row.shmemBytes),
  row.seconds.toFixed(0),
];

const inMebibytes = (bytes: number | undefined): string =>
  bytes === undefined ? '' : (bytes / 1024 / 1024).toFixed(0);
