import {computeExhaustedBytes, epsilonBytes} from '../domain/epsilon.ts';
import {checkGuards, nodeFloorBytes, takenCacheBytes} from '../domain/guards.ts';
import {planNodeStep} from '../domain/node-plan.ts';
import type {NextStep} from '../domain/plan.ts';
import {present} from '../domain/present.ts';
import {lazyFreeMaxBytes, type Sample} from '../domain/sample.ts';
import type {Balloon} from './balloon.ts';
import type {Baseline} from './baseline.ts';
import type {Context} from './context.ts';
import {inflate, type Pressing, startProgress} from './inflate.ts';
import {type Neighbours, watchNeighbours} from './neighbours.ts';
import {chooseNodeCap} from './node-cap.ts';
import {readSwappedOut} from './node-swap.ts';
import {openSampler, type Sampler} from './sampler.ts';
import type {Squeeze} from './squeeze.ts';
import type {Look} from './target.ts';
import {toStop} from './trip.ts';

/**
 * Inflates in the balloon's own pod until what the target freed lazily is gone, or the node may give no more. What is
 * pressed is the whole node, so the root of the cgroups is what the guards and the evidence look at.
 */
export const squeezeNode = async (
  context: Context,
  balloon: Balloon,
  baseline: Baseline,
  round: number,
): Promise<Squeeze> => {
  const {target, world} = context;
  const node = openSampler(target.cgroup.version, target.cgroup.root, world.machine.swapTotalBytes);
  const neighbours = watchNeighbours(context, balloon);
  try {
    const before = sampleNode(context, node);
    const progress = startProgress(round, baseline.last);
    const pressing = pressNode(context, balloon, {node, before, neighbours});
    await balloon.squeeze();
    // A node that holds up a step is not pressed a second time: whoever else wants memory there is held up too.
    const stop = await inflate(context, progress, pressing);
    return {
      stop,
      steps: progress.steps,
      inflatedBytes: progress.largestBytes,
      curve: progress.curve,
      pressed: {before, after: sampleNode(context, node)},
      takeableBytes: lazyFreeMaxBytes(baseline.last.target),
    };
  } finally {
    neighbours.close();
    node.close();
  }
};

/** What is watched besides the target. */
type NodeSqueeze = {node: Sampler; before: Sample; neighbours: Neighbours};

const pressNode = (context: Context, balloon: Balloon, {node, before, neighbours}: NodeSqueeze): Pressing => {
  const swappedOutBytes = readSwappedOut(context.world);
  let inflatedBytes = 0;
  return {
    trip: () => neighbours.trip() ?? toStop(balloon.trip()),
    plan: look => planFrom(context, balloon, look, {node, before, swappedOutBytes, inflatedBytes}),
    press: ({bytes}) => balloon.inflate(bytes),
    took: (_, {bytes}) => {
      inflatedBytes = bytes;
    },
    takeableBytes: ({target}) => lazyFreeMaxBytes(target),
  };
};

type State = Pick<NodeSqueeze, 'node' | 'before'> & {
  swappedOutBytes: number | undefined;
  inflatedBytes: number;
};

const planFrom = async (
  {settings, world}: Context,
  balloon: Balloon,
  look: Look,
  {node, before, swappedOutBytes, inflatedBytes}: State,
): Promise<NextStep> => {
  const now = node.sample(Math.round(world.monotonicMilliseconds()));
  const facts = {before, now, pageSizeBytes: world.machine.pageSizeBytes};
  return planNodeStep({
    stepSizeBytes: settings.pressure.stepSizeBytes,
    capBytes: chooseNodeCap(settings, world.machine),
    inflatedBytes,
    exhaustedBytes: computeExhaustedBytes(epsilonBytes(world.machine.cpus)),
    lazyFreeBytes: lazyFreeMaxBytes(look.target),
    floorBytes: nodeFloorBytes(settings, world.machine.memoryBytes),
    cacheLeftBytes: settings.guards.maxCacheReclaimedBytes - takenCacheBytes(facts),
    swapPossible: world.machine.swapTotalBytes !== 0,
    ...present({
      availableBytes: await balloon.nodeAvailableBytes(),
      swapRiseBytes: riseOf(swappedOutBytes, readSwappedOut(world)),
      guard: checkGuards(settings.guards, facts)?.guard,
    }),
  });
};

const riseOf = (from: number | undefined, to: number | undefined): number | undefined =>
  from === undefined || to === undefined ? undefined : to - from;

/** Into the record too: by it the verdict can be understood later. */
const sampleNode = ({world}: Context, node: Sampler): Sample => {
  const sample = node.sample(Math.round(world.monotonicMilliseconds()));
  world.writeLine({type: 'sample', time: world.wallClock().toISOString(), of: 'node', sample});
  return sample;
};
