import type {MemoryProbeBody} from '../api/memory-probe.ts';
import type {Verdict} from '../domain/verdict.ts';

/** What scripts and gates rely on. */
export const EXIT = {
  /** Passed=True: Reclaimable, or Held as expected. */
  passed: 0,
  leak: 1,
  /** There is an answer, but it proves nothing: Passed=Unknown. */
  notProven: 2,
  /** No Complete was seen: no cluster, no such probe, a timeout. */
  notComplete: 3,
  usage: 64,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const exitCodeOfVerdict = ({outcome, passed}: Pick<Verdict, 'outcome' | 'passed'>): ExitCode => {
  if (outcome === 'Leak') return EXIT.leak;
  return passed === 'True' ? EXIT.passed : EXIT.notProven;
};

/** The code that a probe stands for, by its conditions: a Complete that is not there is not a pass. */
export const exitCodeOfProbe = (probe: MemoryProbeBody): ExitCode => {
  const {verdict} = probe.status ?? {};
  if (conditionStatus(probe, 'Complete') !== 'True' || verdict === undefined) return EXIT.notComplete;
  return exitCodeOfVerdict({outcome: verdict, passed: conditionStatus(probe, 'Passed') ?? 'Unknown'});
};

export const conditionStatus = (
  {status}: MemoryProbeBody,
  type: string,
): 'True' | 'False' | 'Unknown' | undefined =>
  status?.conditions?.find(condition => condition.type === type)?.status;
