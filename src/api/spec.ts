import type {Criteria, GuardSettings, PressureSettings, RoundSettings} from '../domain/settings.ts';
import type {Seconds} from '../domain/units.ts';

/** How the target is named: by its pod's name, or by labels. */
export type TargetSelection =
  | {podName: string; container?: string}
  | {matchLabels: Record<string, string>; container?: string};

/** A MemoryProbe's spec with every default filled in and every quantity a number. */
export type ProbeSpec = {
  target: TargetSelection;
  pressure: PressureSettings;
  rounds: RoundSettings;
  criteria: Criteria;
  guards: GuardSettings;
  /** Absent: the MemoryProbe is kept. */
  ttlSeconds?: Seconds;
};
