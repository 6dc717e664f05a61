import test from 'ava';
import {summarizeBaseline} from '../../src/domain/baseline-result.ts';
import type {Sample} from '../../src/domain/sample.ts';

const MIB = 1024 * 1024;

const sampleAt = (timeMilliseconds: number): Sample => ({
  timeMilliseconds,
  version: 2,
  anonBytes: 80 * MIB,
  swapBytes: 0,
  shmemBytes: 4 * MIB,
  fileBytes: 10 * MIB,
  activeAnonBytes: 30 * MIB,
  inactiveAnonBytes: 4 * MIB,
  activeFileBytes: 6 * MIB,
  inactiveFileBytes: 50 * MIB,
});

const record = {
  baseline: [sampleAt(0), sampleAt(500), sampleAt(1000)],
  lazyFreeMinBytes: 48 * MIB,
  pressed: sampleAt(1000),
  epsilonBytes: MIB,
  time: '2026-01-01T00:00:00Z',
};

test('a look without a squeeze has baseline, prediction and composition', t => {
  const evidence = summarizeBaseline(record);
  t.is(evidence.baselineBytes, 80 * MIB);
  t.deepEqual(evidence.lazyFreeBytes, {min: 48 * MIB, max: 50 * MIB});
  t.is(evidence.fileBytes, 6 * MIB);
  t.is(evidence.takeableBytes, 56 * MIB);
});

test('what only a squeeze could say is absent, not 0', t => {
  const evidence = summarizeBaseline(record);
  for (const name of [
    'stopCause',
    'steps',
    'inflatedBytes',
    'curve',
    'floorBytes',
    'reclaimedBytes',
  ] as const) {
    t.false(name in evidence, name);
  }
  for (const name of ['fileReclaimedBytes', 'refaultedBytes', 'boundaryEvents', 'lazyFreedBytes'] as const) {
    t.false(name in evidence, name);
  }
});
