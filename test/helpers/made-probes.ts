import {DEFAULTS} from '../../src/api/defaults.ts';
import {MIB} from '../../src/domain/units.ts';
import type {MemoryProbe} from '../../src/kube/types.ts';

type Status = NonNullable<MemoryProbe['status']>;

const SPEC: MemoryProbe['spec'] = {target: {podName: 'checkout'}, ...DEFAULTS};

export const makeProbe = (status: Status | undefined, criteria: object = {}): MemoryProbe => ({
  apiVersion: 'memoryprobe.dev/v1alpha1',
  kind: 'MemoryProbe',
  metadata: {
    namespace: 'shop',
    name: 'checkout',
    uid: '5f1c',
    resourceVersion: '7',
    creationTimestamp: '2026-01-01T00:00:00Z',
  },
  spec: {...SPEC, criteria: {...SPEC.criteria, ...criteria}},
  ...(status && {status}),
});

type End = Pick<Status, 'verdict' | 'reason' | 'message'> & {passed: 'True' | 'False' | 'Unknown'};

/** A probe that came to its end with this verdict. */
export const makeComplete = (
  {passed, ...end}: End,
  evidence: Status['evidence'],
  criteria?: object,
): MemoryProbe => {
  const {reason = '', message = ''} = end;
  const condition = (type: string, status: 'True' | 'False' | 'Unknown') => ({
    type,
    status,
    reason,
    message,
    lastTransitionTime: '2026-01-01T00:00:04Z',
  });
  return makeProbe(
    {
      phase: 'Complete',
      startTime: '2026-01-01T00:00:00Z',
      completionTime: '2026-01-01T00:00:04Z',
      target: {podName: 'checkout', container: 'app', nodeName: 'node1'},
      conditions: [condition('Ready', 'True'), condition('Complete', 'True'), condition('Passed', passed)],
      ...end,
      ...(evidence && {evidence}),
    },
    criteria,
  );
};

/** 300 MiB freed lazily beside 46 MiB held: each 16 MiB of balloon take 16 MiB of it, until nothing is left. */
export const RECLAIMED: NonNullable<Status['evidence']> = {
  baselineBytes: 346 * MIB,
  floorBytes: 46 * MIB,
  reclaimedBytes: 300 * MIB,
  lazyFreeBytes: {min: 300 * MIB, max: 300 * MIB},
  lazyFreedBytes: 300 * MIB,
  takeableBytes: 301 * MIB,
  fileBytes: MIB,
  fileReclaimedBytes: 0,
  inflatedBytes: 320 * MIB,
  steps: 20,
  stopCause: 'Exhausted',
  peakPressurePercent: 3,
  curve: Array.from({length: 21}, (_, step) => ({
    inflatedBytes: step * 16 * MIB,
    targetBytes: Math.max(46, 346 - Math.max(0, step - 1) * 16) * MIB,
  })),
};
