import {MIB} from '../../src/domain/units.ts';
import {answerOf, describeCase, isProtected, VERSION_1, WORKLOADS} from './cases.ts';
import {describe, grade, hasAnswer, outcomeOf, renderMatrix} from './matrix.ts';
import type {Result} from './result.ts';

/** One line of what must hold over all cases: what was found, and the cases that break it. */
export type Claim = {title: string; found: string; broken: string[]};

const MOST_OPEN_SHARE = 0.1;
/** The workload itself, beside what it was told to hold. */
const OWN_BYTES = 2 * MIB;
/** `stepSize`: the agent takes no larger steps, and none above half of what is there to take. */
const STEP_BYTES = 64 * MIB;
const HUGE_PAGE_BYTES = 2 * MIB;

export const CLAIMS: readonly ((results: readonly Result[]) => Claim)[] = [
  results => checkOutcome(results, 'Leak'),
  results => checkOutcome(results, 'Reclaimable'),
  results => ({
    title: 'nothing that is claimed is wrong',
    ...list(results, result => grade(result) === 'wrong'),
  }),
  results => checkOpen(results.filter(hasAnswer)),
  results => checkPrediction(results.filter(result => predictionErrorBytes(result) !== undefined)),
  results => checkFloors(results.filter(result => predictionErrorBytes(result) !== undefined)),
  results => checkSwappedOut(results.filter(isPressedWithSwap)),
  results => checkSameVerdict(results.filter(isPressedWithSwap)),
];

/** What `make matrix` prints: what must hold, with its figures (not ticked: broken), then every row. */
export const renderReport = (results: readonly Result[]): string => {
  const lines = CLAIMS.map(check => check(results)).flatMap(({title, found, broken}) => [
    `- [${broken.length === 0 ? 'x' : ' '}] ${title}: ${found}`,
    ...broken.map(line => `  - ${line}`),
  ]);
  return ['# What must hold', '', ...lines, '', renderMatrix(results)].join('\n');
};

const list = (
  results: readonly Result[],
  isBroken: (result: Result) => boolean,
): Pick<Claim, 'found' | 'broken'> => {
  const broken = results.filter(isBroken);
  return {found: `${broken.length} of ${results.length}`, broken: broken.map(describe)};
};

/** A claim that somebody would act on. */
const checkOutcome = (results: readonly Result[], outcome: 'Leak' | 'Reclaimable'): Claim => ({
  title: `no case is called ${outcome} that is not`,
  ...list(
    results.filter(result => result.outcome === outcome),
    ({case: one}) => outcomeOf(answerOf(one)) !== outcome,
  ),
});

const checkOpen = (results: readonly Result[]): Claim => {
  const open = results.filter(result => grade(result) === 'open').map(describe);
  const percent = (100 * open.length) / results.length;
  return {
    title: 'at most a tenth of the cases that have an answer stay open',
    found: `${open.length} of ${results.length} (${percent.toFixed(1)} %)`,
    broken: open.length <= MOST_OPEN_SHARE * results.length ? [] : open,
  };
};

/** A claim about numbers is broken too where there is none to look at. */
const measure = (
  title: string,
  results: readonly Result[],
  sizeOf: (result: Result) => number,
  isBroken: (result: Result) => boolean,
): Claim => {
  const most = Math.max(...results.map(sizeOf));
  return {
    title,
    found: `${results.length} cases, at most ${formatMebibytes(most)}`,
    broken:
      results.length === 0
        ? ['no case was looked at']
        : results
            .filter(isBroken)
            .map(result => `${describeCase(result.case)}: ${formatMebibytes(sizeOf(result))}`),
  };
};

const formatMebibytes = (bytes: number): string => `${(bytes / MIB).toFixed(2)} MiB`;

const checkPrediction = (results: readonly Result[]): Claim =>
  measure(
    'where nothing else moved, what was predicted is what was taken, within 1 % or 1 MiB',
    results,
    result => predictionErrorBytes(result) ?? Number.NaN,
    result => !((predictionErrorBytes(result) ?? Number.NaN) <= allowedErrorBytes(result)),
  );

/** How far the prediction was from what was taken; undefined where no squeeze came to its end, something else moved, or memory.min spared it. */
export const predictionErrorBytes = (result: Result): number | undefined => {
  const {lazyFreedBytes, lazyFreeBytes, stopCause, swappedBytes, unexplainedBytes, allocatedBytes} =
    result.evidence;
  if (stopCause !== 'Exhausted' || lazyFreedBytes === undefined || lazyFreeBytes?.min === undefined)
    return undefined;
  if (swappedBytes || unexplainedBytes || allocatedBytes) return undefined;
  if (answerOf(result.case) === 'Protected') return undefined;
  return Math.abs(lazyFreedBytes - lazyFreeBytes.min);
};

const allowedErrorBytes = ({evidence}: Result): number =>
  Math.max(MIB, (evidence.lazyFreeBytes?.min ?? 0) / 100);

const checkFloors = (results: readonly Result[]): Claim => {
  const excessOf = ({case: one, evidence}: Result): number =>
    (evidence.floorBytes ?? Number.NaN) - WORKLOADS[one.workload].heldMebibytes * MIB;
  return measure(
    'there too, what stays is what was held, and the program itself',
    results,
    excessOf,
    result => !(excessOf(result) >= 0 && excessOf(result) <= OWN_BYTES),
  );
};

const isPressedWithSwap = ({case: {swap, method}}: Result): boolean =>
  swap !== 'none' && method !== 'Observe';

/**
 * Counted for the whole machine, which has nobody else to swap. A step is at most half of what is takeable, by a usage that is
 * off by epsilon, and the kernel takes huge pages whole: its last one may reach beyond what it was asked for.
 */
const checkSwappedOut = (results: readonly Result[]): Claim =>
  measure(
    'with swap no more than one step was swapped out of anybody',
    results,
    ({swappedOutBytes = Number.NaN}) => swappedOutBytes,
    ({swappedOutBytes = Number.NaN, evidence: {takeableBytes = 0, epsilonBytes = 0}}) =>
      !(
        swappedOutBytes <=
        Math.min(STEP_BYTES, Math.max(MIB, takeableBytes / 2 + HUGE_PAGE_BYTES + epsilonBytes))
      ),
  );

/**
 * But for memory.min: with swap the kernel is asked before it is pressed, and what is asked for has no protection. And but for
 * page cache on v1, which has nothing to be asked that spares what is held: the guard ends such a squeeze, and nothing is claimed.
 */
const checkSameVerdict = (results: readonly Result[]): Claim => ({
  title:
    'with swap the verdict is the one that there is without, or beside page cache on v1 none (found: another)',
  ...list(
    results.filter(result => !isProtected(result.case.workload) && !isHeldBackOnV1(result)),
    ({case: one, outcome}) => outcome !== outcomeOf(answerOf({...one, swap: 'none'})),
  ),
});

const isHeldBackOnV1 = ({case: {workload, machine}, reason}: Result): boolean =>
  workload === 'page cache' && VERSION_1.includes(machine) && reason === 'WouldSwap';
