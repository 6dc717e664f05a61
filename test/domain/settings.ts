import type {Criteria, Settings} from '../../src/domain/settings.ts';
import {GIB, MIB} from '../../src/domain/units.ts';

/** The criteria that a probe has when it says nothing: the schema's defaults. */
export const DEFAULT_CRITERIA: Criteria = {
  minReclaimedPercent: 10,
  minGrowthBytes: 8 * MIB,
  idleSeconds: 30,
  minIdlePercent: 50,
};

export const makeSettings = (): Settings => ({
  version: 1,
  probe: {namespace: 'shop', name: 'checkout', uid: '1d0ca3f5-8e4b-4d2e-a3a5-0e6a9d8f5c11'},
  target: {
    podName: 'checkout-7d9f',
    podUID: 'u',
    container: 'app',
    containerID: 'containerd://c',
    nodeName: 'node1',
  },
  pressure: {
    scope: 'Pod',
    method: 'Balloon',
    stepSizeBytes: 64 * MIB,
    stepIntervalMilliseconds: 100,
    holdSeconds: 2,
  },
  rounds: {count: 1, intervalSeconds: 15, stopEarly: false},
  criteria: DEFAULT_CRITERIA,
  guards: {
    minNodeAvailable: {percent: 10},
    maxPressurePercent: 40,
    maxCacheReclaimedBytes: GIB / 2,
    deadlineSeconds: 600,
  },
});
