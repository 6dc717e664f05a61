import {nameFlags} from './run-options.ts';

const ROUNDS = 'Look for growth: a new probe with spec.rounds.count: 8 (12 or more for a soak).';
const EXPECTED = 'Say what is healthy: a new probe with spec.criteria.expectedSize.';
const PROFILE =
  'Take a heap profile of the target now, while the memory is held, and compare it with a healthy twin.';
const AGAIN = 'Run a new probe; a probe never changes its answer.';
const OPERATOR_LOG = 'Look at the operator: kubectl -n memoryprobe-system logs deployment/memoryprobe.';

/** What to do next, for each reason of a verdict: docs/verdict.md has a paragraph on each. */
const ADVICE: Record<string, readonly string[]> = {
  SpecInvalid: [
    'Create a new probe with the value that the message asks for; the spec of this one cannot change.',
  ],
  ReclaimedUnderPressure: [
    'Size limits and alerts by the floor, not by RSS: the rest comes back when the kernel needs it.',
    'To see RSS fall by itself: GODEBUG=madvdontneed=1 (Go before 1.16), muzzy_decay_ms:0 (jemalloc).',
    ROUNDS,
  ],
  ReturnedByTarget: [
    'The program gave memory back under pressure by itself: size limits by the floor.',
    ROUNDS,
  ],
  WithinExpected: [
    'Nothing: what the target needs is within what was expected; the rest could be taken back.',
  ],
  AsExpected: ['Nothing: the target is within what was expected, so no squeeze was needed.'],
  AboveExpected: [
    PROFILE,
    'Rule out garbage that was not collected: force a collection in the target, then run a new probe.',
    ROUNDS,
  ],
  FloorGrows: [PROFILE, 'Plan a restart before the limit is reached: the growth is in the evidence.'],
  SharedGrows: [
    'Look for files in tmpfs and emptyDir volumes of medium Memory, and for shared memory segments.',
  ],
  KernelGrows: [
    'Look for sockets, descriptors, threads and page tables: directory entries can be taken, and are not in it.',
  ],
  FloorFlat: [
    'Nothing grows faster than the evidence says it could have seen; a slower leak needs more rounds.',
  ],
  TrendUnclear: ['More rounds, or a time of steady load: the floors neither grow nor stay.'],
  NothingToJudge: [
    'The target holds too little to judge: look at its page cache and shared memory in the evidence.',
  ],
  HeldIdle: [
    `A leak, an idle cache and a heap kept for later look alike at one instant. ${EXPECTED}`,
    ROUNDS,
  ],
  HeldInUse: [
    `Memory in use can still be a leak: a garbage collector touches all of it. ${EXPECTED}`,
    ROUNDS,
  ],
  NotExamined: [EXPECTED, ROUNDS],
  ObservedOnly: ['A squeeze proves it: a new probe with spec.pressure.method: Balloon.'],
  NoPressure: [
    'Nothing that could be taken is seen to have been: the message says what ended the squeeze. Give spec.pressure.maxSize more room, or none.',
  ],
  Protected: [
    'memory.min or memory.low keeps a balloon’s pressure away: a new probe with spec.pressure.method: Reclaim.',
  ],
  GuardTripped: [
    'Run it at a quieter time, or give the guard in spec.guards more room, if the node can bear it.',
  ],
  CapReached: [
    'Something was left to take: a new probe with a larger spec.pressure.maxSize, or without one.',
  ],
  Stalled: [
    'A step did not come back in time, so everything was let go. Try a smaller spec.pressure.stepSize.',
  ],
  WouldSwap: ['Held memory would have gone to swap with the next step: probe on a node without swap.'],
  Unexplained: ['Something else moved the target’s memory meanwhile: probe at a time of steady load.'],
  TargetNotFound: [
    'Check spec.target.podName and the namespace: the target is always in the probe’s own.',
    AGAIN,
  ],
  TargetNotRunning: ['Wait until the target runs, then run a new probe.'],
  NoPodMatches: ['Check spec.target.selector against the labels of the pods.', AGAIN],
  ContainerNotFound: ['Check spec.target.container against the pod’s containers.', AGAIN],
  ContainerAmbiguous: ['Name one with spec.target.container.', AGAIN],
  TargetNotAllowed: ['This target may not be probed: see the message.'],
  NotPermitted: ['Ask an administrator: see the message for the right that is missing.'],
  StopSwitch: ['An administrator stopped all probes: ask when they may run again.', AGAIN],
  Uninstalled: ['MemoryProbe was removed from the cluster meanwhile. When it is back:', AGAIN],
  BalloonUnschedulable: ['The balloon pod found no place on the target’s node: see kubectl describe node.'],
  BalloonImage: ['The node cannot pull the balloon image: check the chart’s image values and pull secrets.'],
  BalloonFailed: [OPERATOR_LOG, AGAIN],
  Busy: ['Another probe holds this pod. Wait for it.', AGAIN],
  BoundaryChanged: ['Somebody else changed the pod’s limit meanwhile. Find out who.', AGAIN],
  TargetChanged: ['The container was restarted meanwhile; a verdict is about one container.', AGAIN],
  TargetGone: ['The target went away meanwhile.', AGAIN],
  ReportMissing: [OPERATOR_LOG, AGAIN],
  DeadlineExceeded: ['Give spec.guards.deadlineSeconds more room.', OPERATOR_LOG],
};

/** Sentences for people; for a reason of a newer version, where to read. */
export const adviseOn = (reason: string): readonly string[] =>
  ADVICE[reason] ?? [`See docs/verdict.md for ${reason}.`];

const PRESSED_LOCALLY =
  'without --method Observe, on a cgroup of the target’s own (a service’s, a container’s, or --cgroup)';

/** The same for a run on one machine: there is no spec, no operator and no pod. */
export const adviseLocally = (reason: string): readonly string[] =>
  adviseOn(reason).map(sentence =>
    sentence === OPERATOR_LOG
      ? 'Keep the agent’s record with --record FILE: it says how far the run came.'
      : speakLocally(sentence).replace('with --method Balloon', PRESSED_LOCALLY),
  );

/** A sentence in the words of `memoryprobe run`. */
export const speakLocally = (sentence: string): string =>
  nameFlags(sentence)
    .replaceAll('run a new probe', 'start a new run')
    .replaceAll('Run a new probe; a probe', 'Start a new run; a run')
    .replaceAll('a new probe', 'a new run')
    .replaceAll('the pod’s', 'the target’s');

export const ADVISED_REASONS = Object.keys(ADVICE);
