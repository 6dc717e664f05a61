/**
 * The kernel's flat-keyed files: memory.stat and memory.events (v1 and v2).
 *
 *     inactive_file 314712064
 *
 * Keys are looked up by name, since kernels add lines in the middle. A key that is absent, or whose value is no number,
 * stays absent. Values above 2^53 (v1's "no limit") are rounded. Source: Documentation/admin-guide/cgroup-v2.rst.
 */
export const parseMemoryStat = (text: string): Map<string, number> => {
  const stat = new Map<string, number>();
  for (const line of text.split('\n')) {
    const match = /^(\S+) (\d{1,20})$/.exec(line);
    if (match?.[1] !== undefined) stat.set(match[1], Number(match[2]));
  }
  return stat;
};
