import {isPodDirectory} from './cgroup-path.ts';
import {present} from './present.ts';
import type {CgroupVersion} from './sample.ts';
import type {Method} from './settings.ts';

/** One process beside others, for people. */
export type Member = {pid: number; command: string};

/** What is known of a target on this machine before anything is decided. */
export type LocalFacts = {
  version: CgroupVersion;
  /** Root of the memory hierarchy, and the cgroup where the target's memory is counted. Absolute directories. */
  root: string;
  cgroup: string;
  /** Given where the target was named by a pid. */
  pid?: number;
  /** Whether that cgroup is the target's own: it was named itself, or all in it belongs to the process that was named. */
  own: boolean;
  /** Processes of the cgroup that are not the target's: a few of them, and how many there are. */
  others: {count: number; some: Member[]};
  /** Whether this very program, or what started it, is in the cgroup. */
  holdsUs: boolean;
  /** Whether the parent holds nothing but this cgroup. */
  parentAlone: boolean;
  /** Whether this kernel can be asked to reclaim: memory.reclaim on v2, always on v1. */
  canReclaim: boolean;
};

/** What a run is told: which cgroup is looked at, which one is pressed at most, and how. Or one process, only looked at. */
export type LocalTarget =
  | {kind: 'cgroup'; cgroup: string; boundary: string; method: Method}
  | {kind: 'process'; pid: number; method: 'Observe'; note: string};

/** Why a target is not pressed: one sentence. */
export type Refusal = {refused: string};

/**
 * Chooses what is pressed, so that nobody but the target feels it: docs/adr/0009-what-a-local-run-presses.md. `wanted` is the
 * method that was asked for; absent: the best that there is.
 */
export const chooseLocalTarget = (facts: LocalFacts, wanted: Method | undefined): LocalTarget | Refusal => {
  if (facts.cgroup === facts.root || !facts.own) return chooseProcess(facts, wanted);
  const method = wanted ?? chooseMethod(facts);
  if (method !== 'Observe' && facts.holdsUs)
    return {
      refused: `${facts.cgroup} holds this program too, which cannot press itself: start it elsewhere, as with systemd-run --scope, or give --method Observe`,
    };
  if (method === 'Reclaim' && !facts.canReclaim)
    return {refused: '--method is Reclaim: this kernel has no memory.reclaim (Linux 5.19 and later have)'};
  const parent = facts.cgroup.slice(0, facts.cgroup.lastIndexOf('/'));
  if (isBoundary(facts, parent)) return {kind: 'cgroup', cgroup: facts.cgroup, boundary: parent, method};
  if (method === 'Balloon')
    return {
      refused: `--method is Balloon: a balloon would press all of ${parent}, which is not the target's alone; give --method Reclaim or Observe`,
    };
  return {kind: 'cgroup', cgroup: facts.cgroup, boundary: facts.cgroup, method};
};

const chooseMethod = (facts: LocalFacts): Method => {
  if (facts.canReclaim) return 'Reclaim';
  return isBoundary(facts, facts.cgroup.slice(0, facts.cgroup.lastIndexOf('/'))) ? 'Balloon' : 'Observe';
};

/** A pod's cgroup may be pressed as a whole, and a parent that holds nobody else. A slice is there for many, even when empty. */
const isBoundary = ({root, parentAlone}: LocalFacts, parent: string): boolean =>
  isPodDirectory(parent) || (parentAlone && parent !== root && !parent.endsWith('.slice'));

const chooseProcess = (facts: LocalFacts, wanted: Method | undefined): LocalTarget | Refusal => {
  const {pid, cgroup, root, others} = facts;
  if (pid === undefined)
    return {refused: `--cgroup is ${cgroup}: that is the whole machine; name the target's own cgroup`};
  const some = others.some.map(member => `${member.pid} ${member.command}`).join(', ');
  const shared =
    cgroup === root
      ? `process ${pid} is in the root of the cgroups, which is the whole machine`
      : `process ${pid} shares ${cgroup} with ${others.count} other processes (${some}${others.count > others.some.length ? ', ...' : ''})`;
  if (wanted !== undefined && wanted !== 'Observe')
    return {
      refused: `--method is ${wanted}: ${shared}, and pressure would be felt by all of them; name the cgroup itself with --cgroup, or give --method Observe`,
    };
  const note = `${shared}: nothing is pressed, and only that process's own numbers are told`;
  return {kind: 'process', pid, method: 'Observe', note};
};

/** The variables that tell the agent its target. */
export const describeForAgent = (target: LocalTarget): Record<string, string> =>
  target.kind === 'process'
    ? {TARGET_PID: String(target.pid)}
    : present({TARGET_CGROUP: target.cgroup, BOUNDARY_CGROUP: target.boundary});
