import type {Report} from '../../src/domain/report.ts';
import {MIB} from '../../src/domain/units.ts';
import type {Pod} from '../../src/kube/types.ts';

/** What the agent reports of a target that had freed 300 of its 346 MiB lazily. */
export const reclaimableReport = (target: Pod, change: Partial<Report> = {}): Report => ({
  version: 1,
  podUID: target.metadata.uid,
  containerID: target.status?.containerStatuses?.[0]?.containerID ?? '',
  startTime: '2026-11-24T18:00:00Z',
  endTime: '2026-11-24T18:00:05Z',
  restored: true,
  evidence: {
    baselineBytes: 346 * MIB,
    floorBytes: 46 * MIB,
    reclaimedBytes: 300 * MIB,
    lazyFreeBytes: {min: 300 * MIB, max: 300 * MIB},
    lazyFreedBytes: 300 * MIB,
    takeableBytes: 300 * MIB,
    inflatedBytes: 400 * MIB,
    boundaryEvents: 3,
    steps: 8,
    stopCause: 'Exhausted',
    epsilonBytes: MIB / 2,
    cgroupVersion: 2,
    rounds: [
      {
        floorBytes: 46 * MIB,
        reclaimedBytes: 300 * MIB,
        stopCause: 'Exhausted',
        time: '2026-11-24T18:00:04Z',
      },
    ],
  },
  ...change,
});
