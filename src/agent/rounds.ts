import {present} from '../domain/present.ts';
import {needsRepeat} from '../domain/round-merge.ts';
import {isGrowing} from '../domain/series.ts';
import {type Context, waitBeside} from './context.ts';
import {watchHugePages} from './huge-pages.ts';
import type {Reporter} from './reporter.ts';
import {runRound} from './round.ts';

/** All squeezes: as many as were asked for, or fewer where a leak is certain; one more where the only one has a gap. */
export const runRounds = async (context: Context, reporter: Reporter): Promise<void> => {
  const {rounds, criteria} = context.settings;
  const {monotonicMilliseconds} = context.world;
  const hugePages = watchHugePages(context);
  for (let round = 1; round <= rounds.count; round += 1) {
    const started = monotonicMilliseconds();
    hugePages.before();
    const result = await runRound(context, round, reporter.noteRestored);
    hugePages.after();
    reporter.note(present({hugePageFillBytes: hugePages.fillBytes()}));
    reporter.addRound(result);
    if (round === rounds.count || isCertain(context, reporter)) break;
    await waitBeside(context, rounds.intervalSeconds * 1000 - (monotonicMilliseconds() - started));
  }
  if (rounds.count === 1 && needsRepeat(reporter.evidence(), criteria)) {
    reporter.addRound(await runRound(context, 2, reporter.noteRestored));
  }
};

const isCertain = ({settings: {criteria, rounds}}: Context, reporter: Reporter): boolean =>
  rounds.stopEarly && isGrowing({evidence: reporter.evidence(), criteria, rounds});
