import {present} from '../domain/present.ts';
import {heldBytes} from '../domain/sample.ts';
import type {Inflation} from './balloon.ts';
import type {Look} from './target.ts';
import type {World} from './world.ts';

export type Step = {
  round: number;
  step: number;
  takeableBytes: number;
  inflation: Inflation;
};

/** Writes one step into the record. */
export const writeStepLine = (
  world: World,
  look: Look,
  {round, step, takeableBytes, inflation}: Step,
): void => {
  const {outcome, detail, bytes, milliseconds} = inflation;
  world.writeLine({
    type: 'step',
    time: world.wallClock().toISOString(),
    round,
    step,
    inflatedBytes: bytes,
    takeableBytes,
    durationMicroseconds: Math.round(milliseconds * 1000),
    ...present({targetBytes: heldBytes(look.target), answer: outcome === 'inflated' ? detail : outcome}),
  });
};
