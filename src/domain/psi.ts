/** Time that tasks stalled on memory since the start of the cgroup, in microseconds. */
export type Pressure = {someTotalMicroseconds: number; fullTotalMicroseconds?: number};

/**
 * Pressure stall information: memory.pressure (v2), /proc/pressure/memory.
 *
 *     some avg10=0.22 avg60=0.17 avg300=1.11 total=58761459
 *     full avg10=0.22 avg60=0.16 avg300=1.08 total=58464525
 *
 * Undefined without a `some` line. Source: Documentation/accounting/psi.rst.
 */
export const parsePressure = (text: string): Pressure | undefined => {
  const some = findTotal(text, 'some');
  const full = findTotal(text, 'full');
  if (some === undefined) return undefined;
  return {someTotalMicroseconds: some, ...(full !== undefined && {fullTotalMicroseconds: full})};
};

const findTotal = (text: string, kind: string): number | undefined => {
  const line = text.split('\n').find(candidate => candidate.startsWith(`${kind} `));
  const total = line && / total=(\d{1,15})\s*$/.exec(line)?.[1];
  return total ? Number(total) : undefined;
};
