import test from 'ava';
import fc from 'fast-check';
import {epsilonBytes} from '../../src/domain/epsilon.ts';
import {
  hasRoomToEnter,
  planNextStep,
  planSqueeze,
  recordStep,
  type SqueezeFacts,
  type SqueezeState,
  UNREACHABLE_LIMIT_BYTES,
} from '../../src/domain/plan.ts';
import {GIB, KIB, MIB} from '../../src/domain/units.ts';
import {squeeze, usageOf} from './squeezed-pod.ts';

const PAGE = 4 * KIB;
const pages = (max: number) => fc.integer({min: 0, max: max / PAGE}).map(count => count * PAGE);

const makeFacts = (change: Partial<SqueezeFacts> = {}): SqueezeFacts => ({
  method: 'Balloon',
  version: 2,
  stepSizeBytes: 64 * MIB,
  epsilonBytes: 512 * KIB,
  takeableBytes: 300 * MIB,
  usageBytes: 400 * MIB,
  swapPossible: false,
  ...change,
});

const anyFacts = fc
  .record({
    method: fc.constant('Balloon' as const),
    version: fc.constantFrom(1 as const, 2 as const),
    stepSizeBytes: fc.integer({min: 1, max: 1024}).map(count => count * MIB),
    cpus: fc.integer({min: 1, max: 128}),
    takeableBytes: pages(2 * GIB),
    fixedBytes: pages(2 * GIB),
    roomBytes: fc.option(pages(4 * GIB), {nil: undefined}),
    maxSizeBytes: fc.option(
      fc.integer({min: 1, max: 4096}).map(count => count * MIB),
      {nil: undefined},
    ),
    largestRiseBytes: pages(32 * MIB),
    swapPossible: fc.boolean(),
  })
  .map(({cpus, fixedBytes, roomBytes, maxSizeBytes, ...rest}): SqueezeFacts => {
    const usageBytes = fixedBytes + rest.takeableBytes + PAGE;
    return {
      ...rest,
      epsilonBytes: epsilonBytes(cpus),
      usageBytes,
      ...(roomBytes !== undefined && {limitBytes: usageBytes + roomBytes}),
      ...(maxSizeBytes !== undefined && {maxSizeBytes}),
    };
  });

test('nothing enters a pod at its limit that holds nothing takeable, nor one whose usage is not known', t => {
  const pod = {limitBytes: 400 * MIB, usageBytes: 399 * MIB, takeableBytes: 0};
  t.false(hasRoomToEnter(pod));
  t.true(hasRoomToEnter({...pod, takeableBytes: 3 * MIB}));
  t.true(hasRoomToEnter({...pod, usageBytes: 396 * MIB}));
  t.false(hasRoomToEnter({limitBytes: 400 * MIB, takeableBytes: 0}));
  for (const limitBytes of [{}, {limitBytes: Number.POSITIVE_INFINITY}])
    t.true(hasRoomToEnter({...limitBytes, takeableBytes: 0}), 'no limit, no OOM kill by it');
});

test('epsilon is 256 KiB for each CPU', t => t.is(epsilonBytes(64), 16 * MIB));

for (const version of [1, 2] as const) {
  test(`v${version}: a squeeze without limits ends exhausted, with nothing left to take`, t => {
    const {end, pod} = squeeze(makeFacts({version}));
    t.deepEqual(end, {kind: 'stop', cause: 'Exhausted'});
    t.true(pod.takeableBytes <= MIB);
  });

  test(`v${version}: steps are whole MiB, never above stepSize`, t => {
    const {steps} = squeeze(makeFacts({version, takeableBytes: 333 * MIB + 12 * KIB}));
    t.true(steps.length > 3);
    for (const {step, before} of steps) {
      t.is((step.bytes - before.balloonBytes) % MIB, 0);
      t.true(step.bytes - before.balloonBytes <= 64 * MIB);
    }
  });
}

test('the balloon is never planned above its cap, on any pod', t => {
  fc.assert(
    fc.property(anyFacts, facts => {
      const {steps} = squeeze(facts);
      return steps.every(
        ({step, state}) =>
          step.bytes <= state.plan.capBytes && step.bytes <= (facts.maxSizeBytes ?? Number.POSITIVE_INFINITY),
      );
    }),
  );
  t.pass();
});

test('every squeeze ends, on any pod', t => {
  fc.assert(fc.property(anyFacts, facts => squeeze(facts).end.kind === 'stop'));
  t.pass();
});

test('a squeeze that calls itself exhausted has left nothing takeable, when the kernel takes what it is asked for', t => {
  fc.assert(
    fc.property(anyFacts, facts => {
      const {end, pod} = squeeze(facts);
      return (
        end.kind === 'stop' &&
        (end.cause !== 'Exhausted' || pod.takeableBytes <= Math.max(facts.epsilonBytes, MIB))
      );
    }),
  );
  t.pass();
});

test('v2: with the pod limit anywhere, the balloon never brings the pod within a margin of memory.max', t => {
  fc.assert(
    fc.property(anyFacts, facts => {
      const {steps} = squeeze({...facts, version: 2});
      return steps.every(({step, before, after, state}) => {
        const high = state.plan.highBytes ?? Number.NaN;
        const limit = facts.limitBytes ?? Number.POSITIVE_INFINITY;
        const grows = step.bytes > before.balloonBytes;
        return high <= limit - state.plan.marginBytes && (!grows || usageOf(after) <= high);
      });
    }),
  );
  t.pass();
});

test('v2: no step asks for more than half of what can still be taken, but for the smallest', t => {
  fc.assert(
    fc.property(anyFacts, facts => {
      const {steps} = squeeze({...facts, version: 2});
      return steps.every(({step, before}) => step.expectedBytes <= Math.max(MIB, before.takeableBytes / 2));
    }),
  );
  t.pass();
});

test('v1: no limit is ever tight: a margin stays takeable, or the limit cannot be reached', t => {
  fc.assert(
    fc.property(anyFacts, facts => {
      const {steps} = squeeze({...facts, version: 1});
      return steps.every(({step, inflated, after, state}) => {
        const isUnreachable = inflated.fixedBytes + inflated.balloonBytes >= (step.limitBytes ?? 0);
        return step.limitBytes === UNREACHABLE_LIMIT_BYTES
          ? isUnreachable
          : after.takeableBytes >= state.plan.marginBytes - PAGE;
      });
    }),
  );
  t.pass();
});

test('v1: the balloon grows only while a margin stays below the pod limit', t => {
  fc.assert(
    fc.property(anyFacts, facts => {
      const {steps} = squeeze({...facts, version: 1});
      return steps.every(
        ({step, before, inflated, state}) =>
          step.bytes === before.balloonBytes ||
          usageOf(inflated) <= (facts.limitBytes ?? Number.POSITIVE_INFINITY) - state.plan.marginBytes,
      );
    }),
  );
  t.pass();
});

test('v1: where something could be swapped, the limit that takes everything is never written', t => {
  fc.assert(
    fc.property(anyFacts, facts =>
      squeeze({...facts, version: 1, swapPossible: true}).steps.every(
        ({step}) => step.limitBytes !== UNREACHABLE_LIMIT_BYTES,
      ),
    ),
  );
  t.is(squeeze(makeFacts({version: 1, swapPossible: true})).end.kind, 'stop');
});

test('a target that frees or allocates in the middle changes nothing of that', t => {
  fc.assert(
    fc.property(anyFacts, fc.array(fc.integer({min: -32, max: 32}), {minLength: 1}), (facts, changes) => {
      const {steps, end} = squeeze(facts, (pod, step) => ({
        ...pod,
        fixedBytes: Math.max(PAGE, pod.fixedBytes + (changes[step % changes.length] ?? 0) * MIB),
      }));
      return end.kind === 'stop' && steps.every(({step, state}) => step.bytes <= state.plan.capBytes);
    }),
  );
  t.pass();
});

test('a pod with nothing to take is exhausted before the first step', t => {
  t.deepEqual(planSqueeze(makeFacts({takeableBytes: MIB})), {kind: 'stop', cause: 'Exhausted'});
});

test('v2: memory.high is one step above the usage, and so far below memory.max that the target keeps a margin', t => {
  const free = planSqueeze(makeFacts()) as SqueezeState;
  t.is(free.plan.highBytes, 464 * MIB);
  const near = planSqueeze(makeFacts({limitBytes: 410 * MIB})) as SqueezeState;
  t.is(near.plan.highBytes, 410 * MIB - near.plan.marginBytes);
  t.is(near.plan.stepSizeBytes, 4 * MIB, 'small steps, so that the margin can be small');
  const lower = planSqueeze(makeFacts({currentHighBytes: 390 * MIB})) as SqueezeState;
  t.is(lower.plan.highBytes, 390 * MIB, 'a limit that is there already is never loosened');
});

test('v2: a pod so near its limit that the room for a squeeze would be most of what there is, is left alone', t => {
  t.deepEqual(
    planSqueeze(makeFacts({takeableBytes: 20 * MIB, usageBytes: 100 * MIB, limitBytes: 101 * MIB})),
    {
      kind: 'stop',
      cause: 'Guard',
      guard: 'headroom',
    },
  );
});

const running = (change: Partial<SqueezeFacts> = {}): SqueezeState =>
  planSqueeze(makeFacts(change)) as SqueezeState;
const now = {takeableBytes: 200 * MIB, usageBytes: 464 * MIB, swapRiseBytes: 0};

test('a tripped guard ends the squeeze before everything else, and is named', t => {
  t.deepEqual(planNextStep(running(), {...now, takeableBytes: 0, guard: 'maxPressurePercent'}), {
    kind: 'stop',
    cause: 'Guard',
    guard: 'maxPressurePercent',
  });
});

test('the first step that swaps is the last, and so is one that may have', t => {
  const state = running({swapPossible: true});
  t.deepEqual(planNextStep(state, {...now, swapRiseBytes: PAGE}), {kind: 'stop', cause: 'Swap'});
  const {swapRiseBytes: _, ...uncounted} = now;
  t.deepEqual(planNextStep(state, uncounted), {kind: 'stop', cause: 'Swap'});
  t.is(planNextStep(state, {...now, swapRiseBytes: -PAGE}).kind, 'inflate', 'swapping in is no harm');
  t.is(planNextStep(running(), uncounted).kind, 'inflate', 'without swap nothing has to be counted');
});

test('a cap below what there is to take ends the squeeze as Cap', t => {
  const {end, pod} = squeeze(makeFacts({maxSizeBytes: 100 * MIB}));
  t.deepEqual(end, {kind: 'stop', cause: 'Cap'});
  t.is(pod.balloonBytes, 100 * MIB);
});

test('three dry passes end it, small ones after the first, and one that takes starts the count anew', t => {
  const pass = (state: SqueezeState, takenBytes: number): SqueezeState => {
    const takeableBytes = state.lowestTakeableBytes - takenBytes;
    const step = planNextStep(state, {...now, takeableBytes});
    return step.kind === 'inflate' ? recordStep(state, {...step, expectedBytes: MIB}, takeableBytes) : state;
  };
  const once = pass(running(), 0);
  t.is(once.dryPasses, 1);
  const next = planNextStep(once, now);
  t.is(next.kind === 'inflate' && next.bytes - once.inflatedBytes, MIB);
  t.is(pass(once, MIB).dryPasses, 0);
  const thrice = pass(pass(once, 0), 0);
  t.deepEqual(planNextStep(thrice, now), {kind: 'stop', cause: 'Exhausted'});
});

test('a page cache that is read back as soon as it is taken ends in dry passes, not at the cap', t => {
  const {end} = squeeze(makeFacts({takeableBytes: 40 * MIB}), pod => ({
    ...pod,
    fixedBytes: pod.fixedBytes - Math.max(0, 8 * MIB - pod.takeableBytes),
    takeableBytes: Math.max(8 * MIB, pod.takeableBytes),
  }));
  t.deepEqual(end, {kind: 'stop', cause: 'Exhausted'});
});

test('a step that still had room below the boundary is no dry pass', t => {
  const state = running();
  const step = {kind: 'inflate', bytes: 64 * MIB, expectedBytes: 0} as const;
  t.is(recordStep(state, step, state.lowestTakeableBytes).dryPasses, 0);
});

/** Requests until the end, where the kernel takes all that it is asked for as long as there is any. */
const request = (facts: SqueezeFacts) => {
  const begun = planSqueeze(facts);
  if ('kind' in begun) return {end: begun, steps: [], left: facts.takeableBytes};
  let [state, left, usage] = [begun, facts.takeableBytes, facts.usageBytes];
  for (const steps = []; ; ) {
    const step = planNextStep(state, {takeableBytes: left, usageBytes: usage, swapRiseBytes: 0});
    if (step.kind === 'stop' || steps.length > 20_000) return {end: step, steps, left};
    steps.push({step, askedBytes: step.bytes - state.inflatedBytes, before: left, usage, plan: state.plan});
    usage -= step.expectedBytes;
    left -= step.expectedBytes;
    state = recordStep(state, step, left);
  }
};

for (const version of [1, 2] as const)
  test(`v${version}: method Reclaim asks until nothing is left, and never for more than stepSize at once while a margin remains`, t => {
    fc.assert(
      fc.property(anyFacts, ({maxSizeBytes: _, ...facts}) => {
        const {end, steps, left} = request({...facts, version, method: 'Reclaim', swapPossible: false});
        return (
          end.kind === 'stop' &&
          end.cause === 'Exhausted' &&
          left <= 64 * KIB &&
          steps.every(
            ({askedBytes, step}) =>
              askedBytes <= facts.stepSizeBytes || step.limitBytes === UNREACHABLE_LIMIT_BYTES,
          )
        );
      }),
    );
    t.pass();
  });

test('v1: method Reclaim keeps the margin of a balloon, or writes a limit that cannot be reached', t => {
  fc.assert(
    fc.property(anyFacts, facts =>
      request({...facts, version: 1, method: 'Reclaim'}).steps.every(
        ({step, before, usage, plan}) =>
          step.limitBytes === UNREACHABLE_LIMIT_BYTES ||
          before - (usage - (step.limitBytes ?? 0)) >= plan.marginBytes - PAGE,
      ),
    ),
  );
  t.pass();
});

test('method Reclaim writes no memory.high, and is bounded by maxSize alone', t => {
  const state = planSqueeze(makeFacts({method: 'Reclaim', limitBytes: 400 * MIB})) as SqueezeState;
  t.is(state.plan.highBytes, undefined);
  const {end, left} = request(makeFacts({method: 'Reclaim', maxSizeBytes: 100 * MIB}));
  t.deepEqual(end, {kind: 'stop', cause: 'Cap'});
  t.true(left >= 200 * MIB);
});
