import {nodeFloorBytes} from '../domain/guards.ts';
import {MIN_STEP_BYTES} from '../domain/plan.ts';
import type {Settings} from '../domain/settings.ts';
import type {Machine} from './machine.ts';

/** Most that a balloon for the node may hold: `maxSize`, and never more than the node has above its floor. */
export const chooseNodeCap = (settings: Settings, {memoryBytes}: Machine): number => {
  const aboveFloor = memoryBytes - nodeFloorBytes(settings, memoryBytes);
  return Math.max(MIN_STEP_BYTES, Math.min(settings.pressure.maxSizeBytes ?? aboveFloor, aboveFloor));
};
