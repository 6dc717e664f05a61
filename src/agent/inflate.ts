import type {CurvePoint} from '../domain/evidence.ts';
import type {Inflate, NextStep, Stop} from '../domain/plan.ts';
import {heldBytes} from '../domain/sample.ts';
import type {Inflation} from './balloon.ts';
import {type Context, watchUntil} from './context.ts';
import {writeStepLine} from './step-line.ts';
import type {Look} from './target.ts';
import {explainInflation} from './trip.ts';

/** How a squeeze presses: the target's pod or its container, or the whole node. */
export type Pressing = {
  /** Why everything was let go of between two steps. Throws where the whole run ends with it. */
  trip: () => Stop | undefined;
  /** The next step, or why there is none. */
  plan: (look: Look) => NextStep | Promise<NextStep>;
  press: (step: Inflate) => Promise<Inflation>;
  /** Told of each step that came about. */
  took: (step: Inflate, inflation: Inflation, look: Look) => void;
  takeableBytes: (look: Look) => number;
};

/** How far a squeeze has come; it goes on where the squeeze is begun again. */
export type Progress = {
  round: number;
  look: Look;
  curve: CurvePoint[];
  steps: number;
  largestBytes: number;
};

export const startProgress = (round: number, look: Look): Progress => ({
  round,
  look,
  curve: [toPoint(0, look)],
  steps: 0,
  largestBytes: 0,
});

/** Takes step after step until the plan, a guard or the balloon ends it; gives why. */
export const inflate = async (context: Context, progress: Progress, pressing: Pressing): Promise<Stop> => {
  const {settings, world, target, deadline} = context;
  for (let due = 0; ; ) {
    // Planned twice: an end needs no wait, and a step wants what is known when it begins.
    const early = await planStep(pressing, progress.look);
    if (early.kind === 'stop') return early;
    progress.look = await watchUntil(context, due);
    const step = await planStep(pressing, progress.look);
    if (step.kind === 'stop') return step;
    due = world.monotonicMilliseconds() + settings.pressure.stepIntervalMilliseconds;
    const inflation = await pressing.press(step);
    progress.look = target.look();
    note(context, progress, inflation, pressing.takeableBytes(progress.look));
    if (inflation.outcome !== 'inflated') return explainInflation(pressing.trip, inflation, deadline);
    pressing.took(step, inflation, progress.look);
  }
};

const planStep = async (pressing: Pressing, look: Look): Promise<NextStep> =>
  pressing.trip() ?? (await pressing.plan(look));

const note = ({world}: Context, progress: Progress, inflation: Inflation, takeableBytes: number): void => {
  const {round, look, curve} = progress;
  progress.steps += 1;
  progress.largestBytes = Math.max(progress.largestBytes, inflation.bytes);
  if (inflation.outcome === 'inflated') curve.push(toPoint(inflation.bytes, look));
  writeStepLine(world, look, {round, step: progress.steps, takeableBytes, inflation});
};

const toPoint = (inflatedBytes: number, {target}: Look): CurvePoint => ({
  inflatedBytes,
  targetBytes: heldBytes(target) ?? target.anonBytes,
});
