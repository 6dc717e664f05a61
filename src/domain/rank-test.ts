/**
 * Mann-Kendall, one-sided and exact: how likely so many rises among all pairs would be if the order were chance. Equal
 * values count as no rise, which only makes it more careful.
 */
export const mannKendallPValue = (values: readonly number[]): number => {
  const s = values.flatMap((from, index) => values.slice(index + 1).map(to => Math.sign(to - from)));
  return upperTail(
    values.length,
    s.reduce((sum, sign) => sum + sign, 0),
  );
};

/** P(S >= s) over all orders of `count` different values. S = pairs - 2 x inversions. */
const upperTail = (count: number, s: number): number => {
  const pairs = (count * (count - 1)) / 2;
  const mostInversions = Math.floor((pairs - s) / 2);
  return inversionShares(count)
    .slice(0, mostInversions + 1)
    .reduce((sum, share) => sum + share, 0);
};

/** The least S of `count` values that is significant at `alpha`, one-sided. */
export const criticalS = (count: number, alpha: number): number => {
  const pairs = (count * (count - 1)) / 2;
  let tail = 0;
  const mostInversions = inversionShares(count).findIndex(share => {
    tail += share;
    return tail > alpha;
  });
  return pairs - 2 * (mostInversions - 1);
};

/** They depend on nothing else, and a probe asks for the same ones again and again. */
const sharesByCount = new Map<number, number[]>();

/**
 * Share of the orders of `count` values with 0, 1, 2 ... inversions: the value number k stands behind 0 to k - 1 of
 * those before it, each as likely as the other.
 */
const inversionShares = (count: number): number[] => {
  const known = sharesByCount.get(count);
  if (known) return known;
  let shares = [1];
  for (let size = 2; size <= count; size++) {
    const next = new Array<number>(shares.length + size - 1).fill(0);
    for (const [inversions, share] of shares.entries())
      for (let behind = 0; behind < size; behind++)
        next[inversions + behind] = (next[inversions + behind] ?? 0) + share / size;
    shares = next;
  }
  sharesByCount.set(count, shares);
  return shares;
};
