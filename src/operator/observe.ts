import {decodeSpec} from '../api/decode.ts';
import {SpecError} from '../api/fields.ts';
import type {ProbeSpec} from '../api/spec.ts';
import {present} from '../domain/present.ts';
import type {Cache} from '../kube/cache.ts';
import {isFault} from '../kube/faults.ts';
import type {Resource} from '../kube/resource.ts';
import type {MemoryProbe, Node} from '../kube/types.ts';
import type {Clock} from '../lib/clock.ts';
import type {Budgets} from './budgets.ts';
import {hasStarted} from './decide.ts';
import type {Facts, NodeFact, TargetFact} from './facts.ts';
import {basicPermission, lookAtPermission, type PermissionSources} from './look-at-permission.ts';
import {readNodeFact} from './node-fact.ts';
import type {OwnPods} from './own-pods.ts';
import {keyOf, predecessorOf} from './queue-order.ts';
import {findObstacle} from './start.ts';
import {hasVerdict, identityOf, stageOf} from './status.ts';
import {findTarget, followTarget, type TargetPolicy} from './target.ts';
import type {TargetWatches} from './target-watches.ts';

export type Sources = {
  clock: Clock;
  probes: Cache<MemoryProbe>;
  ownPods: OwnPods;
  targets: TargetWatches;
  nodes: Resource<Node>;
  policy: TargetPolicy;
  permissions: PermissionSources;
  budgets: Budgets;
  /** What the stop switch says; undefined while it is off. */
  stop: () => Facts['stop'];
  isEnding?: boolean | undefined;
};

/** Reads all that a decision about this probe needs, and nothing that it does not. */
export const observe = async (sources: Sources, probe: MemoryProbe): Promise<Facts> => {
  const {clock, ownPods, permissions, isEnding} = sources;
  const {uid} = probe.metadata;
  const spec = readSpec(probe);
  const pods = present({
    balloon: ownPods.factOf(uid, 'balloon'),
    repair: ownPods.factOf(uid, 'repair'),
    balloonRefusal: ownPods.refusalOf(uid, 'balloon'),
    repairRefusal: ownPods.refusalOf(uid, 'repair'),
  });
  const permission = basicPermission(permissions);
  const facts = {nowMs: clock.now(), probe, spec, permission, ...present({isEnding}), ...pods} as Facts;
  if (isSettled(facts)) {
    sources.targets.stop(keyOf(probe));
    return withNode(facts, await lookAtNodeOf(sources, facts));
  }
  const target = 'ok' in spec ? await lookAtTarget(sources, facts, spec.ok) : undefined;
  const nodeName = target?.state === 'Found' ? target.identity.nodeName : identityOf(probe)?.nodeName;
  const node = nodeName === undefined ? undefined : await lookAtNode(sources, nodeName);
  if ('error' in spec || hasStarted(facts))
    return finishLook(sources, {...withNode(facts, node), ...present({target})});
  const asked = await lookAtPermission(permissions, probe, spec.ok);
  const ahead = nodeName === undefined ? undefined : lookAhead(sources, probe, nodeName);
  const known = finishLook(sources, {
    ...withNode(facts, node),
    ...present({target, ahead}),
    permission: asked,
  });
  if (findObstacle(known, spec.ok)) return known;
  return {...known, ...present({spent: sources.budgets.claim(probe)})};
};

/** What is told at once, as it is when all that had to be asked for is there. */
const finishLook = ({stop, clock}: Sources, facts: Facts): Facts => ({
  ...facts,
  ...present({stop: stop()}),
  nowMs: clock.now(),
});

/** A probe that has its verdict or is to be deleted: its target does not matter any more. */
const isSettled = ({probe}: Facts): boolean =>
  hasVerdict(probe) || probe.metadata.deletionTimestamp !== undefined;

const withNode = (facts: Facts, node: NodeFact | undefined): Facts => (node ? {...facts, node} : facts);

const readSpec = ({spec}: MemoryProbe): Facts['spec'] => {
  try {
    return {ok: decodeSpec(spec)};
  } catch (thrown) {
    if (thrown instanceof SpecError) return {error: thrown.message};
    throw thrown;
  }
};

/** Pods that have not ended, or of which nobody saw the end, may be on a node that is not there. */
const lookAtNodeOf = async (sources: Sources, {balloon, repair}: Facts): Promise<NodeFact | undefined> => {
  const pod = [balloon, repair].find(fact => fact && !fact.ended);
  return pod && lookAtNode(sources, pod.nodeName);
};

const lookAtNode = async ({nodes}: Sources, name: string): Promise<NodeFact> => {
  try {
    return readNodeFact(name, await nodes.get({name}));
  } catch (thrown) {
    if (isFault(thrown, 'NotFound')) return readNodeFact(name, undefined);
    throw thrown;
  }
};

const lookAtTarget = async (
  {targets, policy}: Sources,
  facts: Facts,
  spec: ProbeSpec,
): Promise<TargetFact> => {
  const {probe} = facts;
  const namespace = probe.metadata.namespace ?? '';
  const recorded = identityOf(probe);
  const identity = hasStarted(facts) ? recorded : undefined;
  // Once it has started, labels may change as they like: the pod is the one that it started with.
  const selection = identity ? {podName: identity.podName} : spec.target;
  const pods = await targets.pods(keyOf(probe), namespace, selection);
  if (identity) return followTarget(identity, pods);
  // Its balloon pod may be on its way, from an operator that was cut off: a second one elsewhere must not follow it.
  const kept = recorded && stageOf(probe) === 'Scheduling' && followTarget(recorded, pods);
  if (kept && kept.state === 'Found') return kept;
  return findTarget({namespace, selection: spec.target, pods, policy});
};

const lookAhead = ({probes, ownPods}: Sources, probe: MemoryProbe, nodeName: string): string | undefined => {
  const predecessor = predecessorOf(probe, nodeName, probes.all);
  return predecessor ? keyOf(predecessor) : ownPods.holderOf(nodeName, probe.metadata.uid);
};
