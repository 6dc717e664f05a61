import type {REASONS, ReasonOf} from '../../src/domain/reasons.ts';
import type {Criteria} from '../../src/domain/settings.ts';
import {MIB} from '../../src/domain/units.ts';
import {chooseCovering, pairsOf} from './covering.ts';

export type Reason = ReasonOf<keyof typeof REASONS>;

/** What a target does, what is known of its memory, and what a squeeze to the end has to say of it. */
export type Workload = {
  /** Of the workload program. */
  options: string[];
  freedMebibytes: number;
  heldMebibytes: number;
  criteria?: Partial<Criteria>;
  /** memory.min spares all of the container (v2). */
  isProtected?: true;
  answer: Reason;
};

export const WORKLOADS = {
  'lazily freed': {
    options: ['lazily-freed', '--freed=100Mi', '--held=40Mi'],
    freedMebibytes: 100,
    heldMebibytes: 40,
    answer: 'ReclaimedUnderPressure',
  },
  'lazily freed, healthy below': {
    options: ['lazily-freed', '--freed=80Mi', '--held=40Mi'],
    freedMebibytes: 80,
    heldMebibytes: 40,
    criteria: {expectedBytes: 50 * MIB},
    answer: 'WithinExpected',
  },
  'half written again': {
    options: ['lazily-freed', '--freed=80Mi', '--dirtied=40Mi', '--held=20Mi'],
    freedMebibytes: 40,
    heldMebibytes: 60,
    answer: 'ReclaimedUnderPressure',
  },
  'all written again': {
    options: ['lazily-freed', '--freed=80Mi', '--dirtied=80Mi', '--held=20Mi'],
    freedMebibytes: 0,
    heldMebibytes: 100,
    answer: 'NotExamined',
  },
  'held above expected': {
    options: ['held-idle', '--held=80Mi'],
    freedMebibytes: 0,
    heldMebibytes: 80,
    criteria: {expectedBytes: 40 * MIB},
    answer: 'AboveExpected',
  },
  'held as expected': {
    options: ['lazily-freed', '--freed=40Mi', '--held=40Mi'],
    freedMebibytes: 40,
    heldMebibytes: 40,
    criteria: {expectedBytes: 120 * MIB},
    answer: 'AsExpected',
  },
  'held idle': {
    options: ['held-idle', '--held=80Mi'],
    freedMebibytes: 0,
    heldMebibytes: 80,
    criteria: {idleSeconds: 1},
    answer: 'HeldIdle',
  },
  'held used': {
    options: ['held-used', '--held=24Mi', '--touch-milliseconds=100'],
    freedMebibytes: 0,
    heldMebibytes: 24,
    criteria: {idleSeconds: 1},
    answer: 'HeldInUse',
  },
  'page cache': {
    options: ['page-cache', '--cache=60Mi', '--held=20Mi'],
    freedMebibytes: 0,
    heldMebibytes: 20,
    answer: 'NotExamined',
  },
  tmpfs: {
    options: ['tmpfs', '--shared=60Mi', '--held=30Mi'],
    freedMebibytes: 0,
    heldMebibytes: 30,
    answer: 'NotExamined',
  },
  mixed: {
    options: ['mixed', '--freed=60Mi', '--held=40Mi', '--cache=30Mi', '--shared=20Mi'],
    freedMebibytes: 60,
    heldMebibytes: 40,
    answer: 'ReclaimedUnderPressure',
  },
  protected: {
    options: ['lazily-freed', '--freed=60Mi', '--held=40Mi'],
    freedMebibytes: 60,
    heldMebibytes: 40,
    isProtected: true,
    answer: 'Protected',
  },
} as const satisfies Record<string, Workload>;

export type WorkloadName = keyof typeof WORKLOADS;

/** Every way in which two cases may differ. */
export const AXES = {
  workload: Object.keys(WORKLOADS) as WorkloadName[],
  machine: ['native', 'guest', '6.1', '6.1 v1', '6.12'],
  /** Of scope Pod, but `Node`: a balloon that presses the whole node. */
  method: ['Balloon', 'Reclaim', 'Observe', 'Node'],
  swap: ['none', 'zram', 'zswap'],
  pages: ['small', 'huge'],
  /** Which of the kernel's two LRU algorithms takes pages. */
  reclaim: ['classic', 'MGLRU'],
  layout: ['systemd', 'cgroupfs'],
  podLimit: ['none', 'near'],
} as const;

export type Case = {[Axis in keyof typeof AXES]: (typeof AXES)[Axis][number]};
export type MachineName = Case['machine'];

/** Whether there is such a case: what a machine's kernel does not have, or may not be changed on this one, is left as it is. */
export const isPossible = (one: Case): boolean => RULES.every(rule => rule(one));

const WITH_ZSWAP: readonly MachineName[] = ['guest'];
/** User-mode Linux has no huge pages. */
const WITHOUT_HUGE_PAGES: readonly MachineName[] = ['guest'];
export const VERSION_1: readonly MachineName[] = ['native', '6.1 v1'];

/**
 * With scope Node the kernel takes from everybody, and the last of what a target freed lazily outlasts it: of a small target too
 * little is taken to say anything (docs/adr/0008). What swap does there is in test/agent/node-swap.guest.ts.
 */
const FOR_NODE: readonly WorkloadName[] = [
  'lazily freed',
  'held above expected',
  'held as expected',
  'held idle',
  'held used',
  'page cache',
  'tmpfs',
];

const RULES: readonly ((one: Case) => boolean)[] = [
  ({machine, method}) => method !== 'Node' || machine !== 'native',
  ({method, workload, swap}) => method !== 'Node' || (swap === 'none' && FOR_NODE.includes(workload)),
  ({machine, swap, reclaim}) => machine !== 'native' || (swap === 'none' && reclaim === 'classic'),
  ({machine, swap}) => swap !== 'zswap' || WITH_ZSWAP.includes(machine),
  ({machine, pages}) => pages === 'small' || !WITHOUT_HUGE_PAGES.includes(machine),
  ({machine, workload}) => !isProtected(workload) || !VERSION_1.includes(machine),
];

/** Whether memory.min spares what the target has. */
export const isProtected = (name: WorkloadName): boolean =>
  (WORKLOADS[name] as Workload).isProtected === true;

/**
 * Under a balloon every pair of values occurs: of workload and machine, of swap and huge pages and so on. Of the other methods
 * each workload (where the kernel is asked, with every kind of swap) and each state of each machine; where a node is pressed
 * those states count only with the one workload that has anything to take.
 */
const groupsOf = (one: Case): string[] => {
  const {workload, machine, method, layout, podLimit: _, ...kernel} = one;
  if (method === 'Balloon') return [...pairsOf(one).map(pair => `${method}|${pair}`), ...swapGroupsOf(one)];
  const states = [layout, ...Object.values(kernel)].map(value => `${machine}|${value}`);
  const workloads = method === 'Reclaim' ? [`${workload}|${one.swap}`] : [workload];
  const groups = method === 'Node' && workload !== 'lazily freed' ? workloads : [...workloads, ...states];
  return [...groups.map(group => `${method}|${group}`), ...swapGroupsOf(one)];
};

/** Every way to take something from a target on every kernel that can swap. */
const swapGroupsOf = ({workload, machine, method, swap, podLimit}: Case): string[] => {
  const isTaken = WORKLOADS[workload].freedMebibytes > 0 && !isProtected(workload);
  const isPressed = method !== 'Observe' && WORKLOADS[workload].answer !== 'AsExpected';
  const limit = method === 'Balloon' ? podLimit : 'any';
  return swap !== 'none' && isTaken && isPressed ? [`${method}|${machine}|${swap}|${limit}|taken`] : [];
};

/** The cases, a few of all that are possible. */
export const chooseCases = (): Case[] => chooseCovering(AXES, isPossible, groupsOf);

/** Their memory.reclaim can be told not to swap: with swap on, it goes before each step of a balloon. */
const WITH_RECLAIM_LEAD: readonly MachineName[] = ['guest', '6.12'];

/** What is asked of the container itself is asked of its own protected memory too, and taken. */
const isUnprotected = ({method, machine, swap}: Case): boolean =>
  method === 'Reclaim' || (swap !== 'none' && WITH_RECLAIM_LEAD.includes(machine));

/** What has to come out: nothing but the prediction where nothing is pressed. */
export const answerOf = (one: Case): Reason => {
  if (one.method === 'Observe') return 'ObservedOnly';
  if (isProtected(one.workload) && isUnprotected(one)) return 'ReclaimedUnderPressure';
  const {answer} = WORKLOADS[one.workload];
  return answer === 'WithinExpected' && leavesLastPortion(one) ? 'ReclaimedUnderPressure' : answer;
};

/** v1 cannot be told not to swap, so its last portion is not asked for, and the floor is not seen (docs/adr/0002). */
const leavesLastPortion = ({machine, swap}: Case): boolean => VERSION_1.includes(machine) && swap !== 'none';

export const describeCase = (one: Case): string => Object.values(one).join(', ');
