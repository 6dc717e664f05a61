import type {ConditionStatus} from './verdict.ts';

/** As metav1.Condition. */
export type Condition = {
  type: ConditionType;
  status: ConditionStatus;
  /** CamelCase. */
  reason: string;
  message: string;
  /** RFC 3339, whole seconds; moves only when `status` changes. */
  lastTransitionTime: string;
  observedGeneration?: number;
};

/** As they are sorted: what is wrong first, for whoever reads them in a terminal. */
export const CONDITION_TYPES = ['Stalled', 'Reconciling', 'Ready', 'Complete', 'Passed'] as const;
export type ConditionType = (typeof CONDITION_TYPES)[number];
