/** The value below which a share of all lies; of few values the largest stands for the 99th percentile. NaN of nothing. */
export const quantile = (values: number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};

export const median = (values: number[]): number => quantile(values, 0.5);

/** `p50 3.1 ms, p99 7.5 ms, largest 7.5 ms`. */
export const describe = (values: number[], unit = 'ms'): string => {
  const [p50, p99] = [quantile(values, 0.5), quantile(values, 0.99)];
  return `p50 ${p50.toFixed(1)} ${unit}, p99 ${p99.toFixed(1)} ${unit}, largest ${Math.max(...values).toFixed(1)} ${unit}`;
};
