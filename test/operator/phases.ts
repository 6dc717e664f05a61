import type {ExecutionContext} from 'ava';
import type {MemoryProbe, Pod} from '../../src/kube/types.ts';
import type {BalloonLedger} from '../helpers/balloon-ledger.ts';
import {playNodes} from '../helpers/node-player.ts';
import {reclaimableReport} from '../helpers/reports.ts';
import {
  createProbe,
  eventually,
  kstatusFaults,
  type Place,
  type World,
  waitComplete,
  waitNothingLeft,
  waitPod,
} from '../helpers/world.ts';

/** One probe in each phase that a change of the leader can find it in, each on a node of its own but for the one that waits. */
export type Phases = {
  places: Record<Phase, Place>;
  targets: Map<string, Pod>;
  probes: Record<Phase, MemoryProbe>;
  balloons: Partial<Record<Phase, Pod>>;
};

const PHASES = ['complete', 'awaiting', 'scheduling', 'squeezing', 'ending', 'deleted', 'waiting'] as const;
export type Phase = (typeof PHASES)[number];

/** Brings a probe into each phase, with operators that are running already. */
export const preparePhases = async (world: World): Promise<Phases> => {
  const phases: Phases = {places: {}, targets: new Map(), probes: {}, balloons: {}} as unknown as Phases;
  for (const phase of PHASES) await prepare(world, phases, phase);
  return phases;
};

const prepare = async (world: World, phases: Phases, phase: Phase): Promise<void> => {
  const place = phase === 'waiting' ? phases.places.squeezing : await world.place();
  phases.places[phase] = place;
  if (phase !== 'awaiting' && phase !== 'waiting')
    phases.targets.set(place.nodeName, await world.kubelet.runTarget({...place, name: 'target'}));
  const probe = await createProbe(world, place.namespace, phase, {target: {podName: 'target'}});
  phases.probes[phase] = probe;
  await REACH[phase](world, phases, probe);
};

type Reach = (world: World, phases: Phases, probe: MemoryProbe) => Promise<unknown>;

const stageIs =
  (stage: string): Reach =>
  (world, _, {metadata: {namespace, name}}) =>
    eventually(`probe ${name} to be ${stage}`, async () => {
      const {status} = await world.probes.get({namespace, name});
      return status?.conditions?.some(({reason}) => reason === stage) || undefined;
    });

const startBalloon: Reach = async (world, phases, probe) => {
  const phase = probe.metadata.name as Phase;
  const pod = await waitPod(world, 'balloon', probe.metadata.uid);
  await world.kubelet.accept(pod, phases.places[phase].nodeName);
  await world.kubelet.start(pod);
  phases.balloons[phase] = pod;
  await stageIs('Squeezing')(world, phases, probe);
};

const endBalloon = async (world: World, phases: Phases, phase: Phase): Promise<void> => {
  const pod = phases.balloons[phase] as Pod;
  const target = phases.targets.get(phases.places[phase].nodeName) as Pod;
  await world.kubelet.end(pod, {exitCode: 0, report: reclaimableReport(target)});
};

const REACH: Record<Phase, Reach> = {
  complete: async (world, phases, probe) => {
    await startBalloon(world, phases, probe);
    await endBalloon(world, phases, 'complete');
    const {namespace = ''} = probe.metadata;
    phases.probes.complete = await waitComplete(world, namespace, 'complete');
    await waitNothingLeft(world, namespace, 'complete');
  },
  awaiting: stageIs('WaitingForTarget'),
  scheduling: (world, _, probe) => waitPod(world, 'balloon', probe.metadata.uid),
  squeezing: startBalloon,
  ending: startBalloon,
  deleted: startBalloon,
  waiting: stageIs('NodeBusy'),
};

/** What happens while nobody leads: a report comes, a target comes, a probe is deleted. */
export const moveOn = async (world: World, phases: Phases): Promise<void> => {
  await endBalloon(world, phases, 'ending');
  const {awaiting, deleted} = phases.places;
  phases.targets.set(awaiting.nodeName, await world.kubelet.runTarget({...awaiting, name: 'target'}));
  const {uid} = phases.probes.deleted.metadata;
  await world.probes.delete({namespace: deleted.namespace, name: 'deleted'}, {uid});
};

/** Lets the nodes work, and looks at what became of each probe. */
export const assertPhasesEnd = async (
  t: ExecutionContext,
  world: World,
  phases: Phases,
  ledger: BalloonLedger,
): Promise<void> => {
  const player = playNodes(world, phases.targets);
  for (const phase of ['awaiting', 'scheduling', 'squeezing', 'ending', 'waiting'] as const) {
    const {namespace} = phases.places[phase];
    const probe = await waitComplete(world, namespace, phase);
    t.is(probe.status?.verdict, 'Reclaimable', `${phase}: ${probe.status?.message}`);
    t.deepEqual(kstatusFaults(probe), []);
    t.is(ledger.podsOf(probe.metadata.uid).length, 1, `balloon pods of the probe that was ${phase}`);
    await waitNothingLeft(world, namespace, phase);
  }
  await waitNothingLeft(world, phases.places.deleted.namespace, 'deleted');
  await player.stop();
  const {metadata, status} = phases.probes.complete;
  const now = await world.probes.get({namespace: metadata.namespace, name: 'complete'});
  t.deepEqual(now.status, status, 'a verdict never changes');
  t.deepEqual(ledger.overlaps(), []);
};
