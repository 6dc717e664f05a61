import test from 'ava';
import {type NodeStepFacts, planNodeStep} from '../../src/domain/node-plan.ts';

const MIB = 1024 * 1024;

const facts = (change: Partial<NodeStepFacts> = {}): NodeStepFacts => ({
  stepSizeBytes: 64 * MIB,
  capBytes: 4096 * MIB,
  inflatedBytes: 100 * MIB,
  exhaustedBytes: MIB,
  lazyFreeBytes: 200 * MIB,
  availableBytes: 1000 * MIB,
  floorBytes: 200 * MIB,
  cacheLeftBytes: 512 * MIB,
  swapPossible: false,
  ...change,
});

const ROWS: {title: string; change: Partial<NodeStepFacts>; does: object}[] = [
  {title: 'far from everything a whole step is taken', change: {}, does: {bytes: 164 * MIB}},
  {
    title: "near the node's floor half of what is left above it",
    change: {availableBytes: 220 * MIB},
    does: {bytes: 110 * MIB},
  },
  {
    title: "at the node's floor no step is taken",
    change: {availableBytes: 201 * MIB},
    does: {cause: 'Guard', guard: 'minNodeAvailable'},
  },
  {
    title: 'a node whose available memory is not known is not pressed',
    change: {availableBytes: undefined as never},
    does: {cause: 'Guard', guard: 'minNodeAvailable'},
  },
  {
    title: 'a step never takes more page cache than may go',
    change: {cacheLeftBytes: 10 * MIB},
    does: {bytes: 110 * MIB},
  },
  {
    title: 'with no page cache left that may go it ends',
    change: {cacheLeftBytes: 0},
    does: {cause: 'Guard', guard: 'maxCacheReclaimed'},
  },
  {title: 'the cap is the last step', change: {capBytes: 130 * MIB}, does: {bytes: 130 * MIB}},
  {title: 'at the cap it ends', change: {inflatedBytes: 4096 * MIB}, does: {cause: 'Cap'}},
  {
    title: 'nothing lazily freed left: the only end that makes a floor',
    change: {lazyFreeBytes: MIB, availableBytes: 0},
    does: {cause: 'Exhausted'},
  },
  {
    title: 'the first page that goes to swap ends it',
    change: {swapPossible: true, swapRiseBytes: 4096},
    does: {cause: 'Swap'},
  },
  {title: 'swap that is not counted ends it', change: {swapPossible: true}, does: {cause: 'Swap'}},
  {
    title: 'swap that stays as it is does not',
    change: {swapPossible: true, swapRiseBytes: 0},
    does: {bytes: 164 * MIB},
  },
  {
    title: 'a guard that tripped comes before success',
    change: {guard: 'refaults', lazyFreeBytes: 0},
    does: {cause: 'Guard', guard: 'refaults'},
  },
];

for (const {title, change, does} of ROWS)
  test(title, t => {
    t.like(planNodeStep(facts(change)), does);
  });
