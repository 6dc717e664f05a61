import type {ExecutionContext} from 'ava';
import type {Pair, Times} from './pairs.ts';
import {median} from './quantiles.ts';

/** What users are promised of the 99th percentile while a target is squeezed, against that without. */
const MOST_RATIO = 1.2;
/** Nothing may hold up a request for so long: a look at the target's pages holds its locks, and must not wait for a CPU then. */
const MOST_MILLISECONDS = 100;

/** A machine that is disturbed in most pairs of one batch is asked again: what a probe does shows in every batch. */
const BATCHES = 3;

type Ratios = {
  target: number;
  bystander: number;
  largestMilliseconds: number;
  largestBesideMilliseconds: number;
};

const compare = (pairs: Pair[], when: 'squeezed' | 'probed'): Ratios => {
  const ratioOf = (of: 'target' | 'bystander'): number =>
    median(pairs.map(pair => pair[of][when] / pair[of].without));
  const largestOf = (of: 'target' | 'bystander'): number =>
    median(pairs.map(pair => pair[of].largest)) / 1000;
  return {
    target: ratioOf('target'),
    bystander: ratioOf('bystander'),
    largestMilliseconds: largestOf('target'),
    largestBesideMilliseconds: largestOf('bystander'),
  };
};

/** Whether a probe slowed its target down by no more than is promised, or than a bystander was at the same time. */
const isUnharmed = (pairs: Pair[]): boolean => {
  const {target, bystander, largestMilliseconds, largestBesideMilliseconds} = compare(pairs, 'squeezed');
  return (
    target <= MOST_RATIO * Math.max(1, bystander) &&
    largestMilliseconds <= Math.max(MOST_MILLISECONDS, 2 * largestBesideMilliseconds)
  );
};

/** Medians over the pairs, one line each. */
const describePairs = (pairs: Pair[]): string[] => {
  const {largestMilliseconds, largestBesideMilliseconds} = compare(pairs, 'probed');
  const p99 = (pick: (times: Times) => number): string =>
    `${median(pairs.map(pair => pick(pair.target))).toFixed(0)} us`;
  return [
    ...(['squeezed', 'probed'] as const).map(when => {
      const {target, bystander} = compare(pairs, when);
      return `p99 ${when} against without: ${target.toFixed(2)}, of a bystander ${bystander.toFixed(2)}`;
    }),
    `p99 without ${p99(one => one.without)}, squeezed ${p99(one => one.squeezed)}, over the whole probe ${p99(one => one.probed)}`,
    `largest ${largestMilliseconds.toFixed(1)} ms, the bystander's ${largestBesideMilliseconds.toFixed(1)} ms`,
  ];
};

/** Takes batches of pairs until one of them shows a target that was not slowed down. */
export const expectUnharmed = async (t: ExecutionContext, measure: () => Promise<Pair[]>): Promise<void> => {
  let unharmed = false;
  for (let batch = 1; batch <= BATCHES && !unharmed; batch += 1) {
    const pairs = await measure();
    for (const {report, squeezedRequests} of pairs) {
      t.is(report?.evidence.stopCause, 'Exhausted');
      t.true(squeezedRequests >= 100, 'too few requests for a 99th percentile');
    }
    for (const line of describePairs(pairs)) t.log(line);
    unharmed = isUnharmed(pairs);
  }
  t.true(unharmed, 'slower in every batch');
};
