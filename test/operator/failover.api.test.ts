import type {ExecutionContext} from 'ava';
import {LEASE_TIMING} from '../../src/kube/lease-record.ts';
import {createResource} from '../../src/kube/resource.ts';
import {LEASES, type Pod} from '../../src/kube/types.ts';
import {followBalloons, type RunningLedger} from '../helpers/balloon-ledger.ts';
import {createApiTest} from '../helpers/need-api-server.ts';
import {playNodes} from '../helpers/node-player.ts';
import {type OperatorProcess, startOperatorProcess} from '../helpers/operator-process.ts';
import {reclaimableReport} from '../helpers/reports.ts';
import {
  createProbe,
  eventually,
  listOwnPods,
  OPERATOR_NAMESPACE,
  type Place,
  startOperator,
  type World,
  waitComplete,
  waitPod,
} from '../helpers/world.ts';
import {assertPhasesEnd, moveOn, preparePhases} from './phases.ts';

const apiTest = createApiTest();

type Pair = {leader: OperatorProcess; follower: OperatorProcess; ledger: RunningLedger};

/** Two operators as processes; the first leads. Whatever became of them, none is left afterwards, and the lease is free. */
const withPair = async (
  world: World,
  act: (pair: Pair, start: (user: string) => Promise<OperatorProcess>) => Promise<void>,
): Promise<void> => {
  const started: OperatorProcess[] = [];
  const start = async (user: string) => {
    const operator = await startOperatorProcess(world, user);
    started.push(operator);
    return operator;
  };
  const ledger = followBalloons(world.rest, OPERATOR_NAMESPACE);
  try {
    const leader = await start('operator-a');
    await leader.leads();
    await act({leader, follower: await start('operator-b'), ledger}, start);
  } finally {
    for (const operator of started) operator.signal('SIGKILL');
    await Promise.all(started.map(({ended}) => ended));
    await ledger.stop();
    await freeLease(world);
  }
};

const freeLease = async (world: World): Promise<void> => {
  const leases = createResource(world.rest, LEASES);
  const ref = {namespace: OPERATOR_NAMESPACE, name: 'memoryprobe-operator'};
  const {metadata} = await leases.get(ref);
  await leases.delete(ref, {uid: metadata.uid});
};

const WRITE_VERBS = ['create', 'update', 'patch', 'delete'];
type Write = {receivedMs: number; what: string; code: number};

/** The writes of an operator as the API server's audit log has them, those of the Lease or all others. */
const writesOf = (world: World, {user, startedMs}: OperatorProcess, to: 'lease' | 'others'): Write[] =>
  world.api
    .audit()
    .filter(entry => entry.user.username === user && WRITE_VERBS.includes(entry.verb))
    .filter(({objectRef}) => (objectRef?.resource === 'leases') === (to === 'lease'))
    .map(({requestReceivedTimestamp, verb, requestURI, responseStatus}) => ({
      receivedMs: Date.parse(requestReceivedTimestamp),
      what: `${verb} ${requestURI} ${responseStatus?.code}`,
      code: responseStatus?.code ?? 0,
    }))
    .filter(({receivedMs}) => receivedMs >= startedMs);

const lastBefore = (writes: Write[], ms: number): number =>
  Math.max(...writes.map(({receivedMs}) => receivedMs).filter(receivedMs => receivedMs < ms));

/**
 * What the first sent after the second began to lead: nothing that had an effect, and no more than the one request that it was
 * sending at the very moment at which it was stopped.
 */
const assertNoOverlap = (
  t: ExecutionContext,
  world: World,
  first: OperatorProcess,
  second: OperatorProcess,
): void => {
  const begins = Math.min(...writesOf(world, second, 'lease').map(({receivedMs}) => receivedMs));
  const late = writesOf(world, first, 'others').filter(({receivedMs}) => receivedMs >= begins);
  const said = `${first.user} wrote although ${second.user} led: ${late.map(({what}) => what).join(', ')}`;
  t.log(`${late.length} requests of ${first.user} came late`);
  t.true(late.length <= 1, said);
  t.deepEqual(
    late.filter(({code}) => code < 400),
    [],
    said,
  );
};

apiTest('a follower is Ready and does not lead; a stopped leader hands over in under 3 s', (t, world) =>
  withPair(world, async ({leader, follower, ledger}, start) => {
    await eventually('the follower to be ready', async () => (await follower.isReady()) || undefined);
    t.true(await leader.isReady());
    t.deepEqual([await leader.masterStatus(), await follower.masterStatus()], [1, 0]);
    const phases = await preparePhases(world);
    const stopMs = Date.now();
    leader.signal('SIGTERM');
    await moveOn(world, phases);
    t.is(await leader.ended, 0);
    const gapMs = (await follower.leads()) - stopMs;
    t.log(`handed over after ${gapMs} ms`);
    t.true(gapMs < 3000, `${gapMs} ms`);
    t.is(await follower.masterStatus(), 1);
    await assertPhasesEnd(t, world, phases, ledger);
    assertNoOverlap(t, world, leader, follower);

    await start('operator-c');
    const killMs = Date.now();
    follower.signal('SIGKILL');
    const again = await start('operator-b');
    const restartMs = (await again.leads()) - killMs;
    t.log(`a container that was restarted in its pod leads ${restartMs} ms after the kill`);
    t.true(restartMs < LEASE_TIMING.leaseSeconds * 1000, 'it does not wait for itself');
  }),
);

apiTest('after kill -9 the follower leads in under 17 s, and every phase ends as it should', (t, world) =>
  withPair(world, async ({leader, follower, ledger}) => {
    const phases = await preparePhases(world);
    const killMs = Date.now();
    leader.signal('SIGKILL');
    await moveOn(world, phases);
    const leadsMs = await follower.leads(25);
    const renewedMs = lastBefore(writesOf(world, leader, 'lease'), killMs + 1000);
    t.log(`led ${leadsMs - killMs} ms after the kill, ${leadsMs - renewedMs} ms after the last renewal`);
    t.true(leadsMs - killMs < 17_000, `${leadsMs - killMs} ms`);
    t.true(leadsMs - renewedMs >= LEASE_TIMING.leaseSeconds * 1000, 'and not before the lease was over');
    await assertPhasesEnd(t, world, phases, ledger);
  }),
);

apiTest('a leader that was stopped for 20 s writes nothing when it goes on, and ends', (t, world) =>
  withPair(world, async ({leader, follower, ledger}) => {
    const targets = new Map<string, Pod>();
    const player = playNodes(world, targets);
    const names: string[] = [];
    const addProbes = async (count: number) => {
      const places = await Promise.all(Array.from({length: count}, () => world.place()));
      for (const place of places)
        targets.set(place.nodeName, await world.kubelet.runTarget({...place, name: 'target'}));
      names.push(...places.map(({namespace}) => namespace));
      const create = ({namespace}: Place) =>
        createProbe(world, namespace, 'probe', {target: {podName: 'target'}});
      await Promise.all(places.map(create));
    };
    // Stopped while it works at several: when it goes on, answers that it waited for come before its own timers.
    const adding = addProbes(8);
    await eventually(
      'the first balloon pods',
      async () => (await listOwnPods(world, 'balloon')).length > 1 || undefined,
    );
    leader.signal('SIGSTOP');
    const stopMs = performance.now();
    await adding;
    await addProbes(2);
    await follower.leads(25);
    for (const namespace of names) await waitComplete(world, namespace, 'probe');
    await new Promise(resolve => setTimeout(resolve, Math.max(0, stopMs + 20_000 - performance.now())));
    await addProbes(4);
    const continueMs = performance.now();
    leader.signal('SIGCONT');
    t.is(await leader.ended, 1);
    t.log(`ended ${(performance.now() - continueMs).toFixed(0)} ms after it was continued`);
    for (const namespace of names) {
      const {status, metadata} = await waitComplete(world, namespace, 'probe');
      t.is(status?.verdict, 'Reclaimable', status?.message);
      t.is(ledger.podsOf(metadata.uid).length, 1);
    }
    await player.stop();
    t.deepEqual(ledger.overlaps(), []);
    assertNoOverlap(t, world, leader, follower);
    t.true(
      leader.log.some(({message}) => message === 'lead lost'),
      'and says why',
    );
  }),
);

apiTest(
  'two operators at once, without an election: still one balloon pod for each probe',
  async (t, world) => {
    const ledger = followBalloons(world.rest, OPERATOR_NAMESPACE);
    const operators = [startOperator(world), startOperator(world)];
    const phases = await preparePhases(world);
    await moveOn(world, phases);
    await assertPhasesEnd(t, world, phases, ledger);
    for (const operator of operators) await operator.stop();
    await ledger.stop();
  },
);

apiTest(
  'whoever takes the lead trusts no watch that may be dead: a balloon that it never saw is left alone',
  async (t, world) => {
    const place = await world.place();
    const target = await world.kubelet.runTarget({...place, name: 'target'});
    const follower = startOperator(world, {
      follows: true,
      deafTo: `/api/v1/namespaces/${OPERATOR_NAMESPACE}/pods`,
    });
    await follower.synced();
    const leader = startOperator(world);
    const {metadata} = await createProbe(world, place.namespace, 'probe', {target: {podName: 'target'}});
    const pod = await waitPod(world, 'balloon', metadata.uid);
    await world.kubelet.accept(pod, place.nodeName);
    await world.kubelet.start(pod);
    await eventually('the squeeze', async () => {
      const {status} = await world.probes.get({...place, name: 'probe'});
      return status?.progress?.phase === 'Squeezing' || undefined;
    });
    await leader.kill();
    follower.lead();
    await world.kubelet.end(pod, {exitCode: 0, report: reclaimableReport(target)});
    const {status} = await waitComplete(world, place.namespace, 'probe');
    t.is(status?.verdict, 'Reclaimable', status?.message);
    t.false(follower.writes.some(({method, path}) => method === 'POST' && path.endsWith('/pods')));
    await follower.stop();
  },
);
