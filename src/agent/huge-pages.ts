import {readFileSync} from 'node:fs';
import path from 'node:path';
import {boundHugePageFill, type HugePageLook} from '../domain/huge-page-fill.ts';
import {parseMemoryStat} from '../domain/memory-stat.ts';
import {present} from '../domain/present.ts';
import {MIN_SERIES_LENGTH} from '../domain/trend.ts';
import type {Context} from './context.ts';
import {sumHugePageRoom} from './processes.ts';

/** Looks around every squeeze at the huge pages that the kernel makes behind the target's back. */
export type HugePageWatch = {
  before: () => void;
  after: () => void;
  /** See boundHugePageFill; undefined as long as there is nothing to compare. */
  fillBytes: () => number | undefined;
};

/** Nothing is looked at where the rounds are too few for a trend, or where no huge page has a part that nobody asked for. */
export const watchHugePages = (context: Context): HugePageWatch => {
  const {settings, target, world} = context;
  const {hugePages} = world.machine;
  const looks: HugePageLook[] = [];
  if (settings.rounds.count < MIN_SERIES_LENGTH) return watchNothing(undefined);
  if (hugePages === undefined || hugePages.maxPtesNone === 0) return watchNothing(0);
  let collapsesBefore: number | undefined;
  return {
    before: () => {
      collapsesBefore = countCollapses(context);
    },
    after: () => {
      const roomBytes = sumHugePageRoom(target.listProcesses(), world.config, hugePages);
      looks.push(present({collapsesBefore, collapsesAfter: countCollapses(context), roomBytes}));
    },
    fillBytes: () => boundHugePageFill(looks, hugePages.maxPtesNone * hugePages.pageSizeBytes),
  };
};

const watchNothing = (bytes: number | undefined): HugePageWatch => ({
  before: () => undefined,
  after: () => undefined,
  fillBytes: () => bytes,
});

/** Of the target's cgroup where it counts them (v2, 5.17), else of the whole node. */
const countCollapses = ({target, world}: Context): number | undefined =>
  target.glance().thpCollapseAlloc ??
  parseMemoryStat(readFileSync(path.join(world.config.procRoot, 'vmstat'), 'latin1')).get(
    'thp_collapse_alloc',
  );
