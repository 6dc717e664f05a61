import type {ExecutionContext} from 'ava';
import {createLead, type Lead} from '../../src/kube/lead.ts';
import {holdLease} from '../../src/kube/lease.ts';
import {LEASE_TIMING} from '../../src/kube/lease-record.ts';
import {createResource, type Resource} from '../../src/kube/resource.ts';
import {LEASES, type Lease} from '../../src/kube/types.ts';
import {silentLog} from '../../src/lib/log.ts';
import {createJumpClock, type JumpClock} from '../helpers/jump-clock.ts';
import {createApiTest} from '../helpers/need-api-server.ts';
import {eventually, type World} from '../helpers/world.ts';

const apiTest = createApiTest();

type Candidate = {
  clock: JumpClock;
  lead: Lead;
  leads: () => boolean;
  /** What it works at ends. */
  finish: () => void;
  /** Whether the lead was lost. */
  ended: Promise<boolean>;
  stop: () => void;
};

type Order = {pod: string; process?: string; leases?: Partial<Resource<Lease>>; isBusy?: boolean};

const runCandidate = (world: World, namespace: string, order: Order): Candidate => {
  const stopping = new AbortController();
  const clock = createJumpClock();
  const lead = createLead(clock, LEASE_TIMING.renewDeadlineSeconds);
  const work = Promise.withResolvers<void>();
  if (!order.isBusy) work.resolve();
  let leads = false;
  const ended = holdLease({
    leases: {...createResource(world.rest, LEASES), ...order.leases},
    namespace,
    name: 'lead',
    holder: {pod: order.pod, process: order.process ?? '1'},
    lead,
    clock,
    log: silentLog,
    signal: stopping.signal,
    onLead: () => {
      leads = true;
      return work.promise;
    },
  });
  return {clock, lead, leads: () => leads, finish: work.resolve, ended, stop: () => stopping.abort()};
};

const leading = (candidate: Candidate) => eventually('the lead', () => candidate.leads() || undefined);
const pause = (milliseconds: number) => new Promise(resolve => setTimeout(resolve, milliseconds));
const readLease = (world: World, namespace: string) =>
  createResource(world.rest, LEASES).get({namespace, name: 'lead'});

const occupy = (world: World, namespace: string, holderIdentity: string): Promise<Lease> =>
  createResource(world.rest, LEASES).create(namespace, {
    metadata: {name: 'lead'},
    spec: {holderIdentity, leaseDurationSeconds: 15, renewTime: '2099-01-01T00:00:00.000000Z'},
  });

const steal = (world: World, namespace: string, holderIdentity: string): Promise<Lease> =>
  createResource(world.rest, LEASES).merge(
    {namespace, name: 'lead'},
    {spec: {holderIdentity, renewTime: '2099-01-01T00:00:00.000000Z'}},
  );

const assertLeads = async (t: ExecutionContext, candidate: Candidate): Promise<void> => {
  await leading(candidate);
  t.true(candidate.lead.leftMs() > 0);
  candidate.stop();
  t.false(await candidate.ended);
  t.is(candidate.lead.leftMs(), 0);
};

apiTest('one leads; the other takes over when the lead is given up', async (t, world) => {
  const {namespace} = await world.place();
  const first = runCandidate(world, namespace, {pod: 'a'});
  await leading(first);
  const second = runCandidate(world, namespace, {pod: 'b'});
  await pause(300);
  t.false(second.leads());
  t.is(second.lead.leftMs(), 0);
  first.stop();
  t.false(await first.ended);
  second.clock.jump(LEASE_TIMING.lookSeconds * 1000);
  await leading(second);
  t.like((await readLease(world, namespace)).spec, {holderIdentity: 'b_1', leaseTransitions: 1});
  await assertLeads(t, second);
});

apiTest('the lead is given up only when what was under way has ended', async (t, world) => {
  const {namespace} = await world.place();
  const first = runCandidate(world, namespace, {pod: 'a', isBusy: true});
  await leading(first);
  first.stop();
  await pause(300);
  t.is((await readLease(world, namespace)).spec?.holderIdentity, 'a_1');
  t.true(first.lead.leftMs() > 0, 'it may still write');
  first.finish();
  t.false(await first.ended);
  t.is((await readLease(world, namespace)).spec?.holderIdentity, '');
});

apiTest('a lead whose work does not end is left to run out', async (t, world) => {
  const {namespace} = await world.place();
  const first = runCandidate(world, namespace, {pod: 'a', isBusy: true});
  await leading(first);
  first.stop();
  await pause(100);
  first.clock.jump(LEASE_TIMING.renewDeadlineSeconds * 1000);
  t.false(await first.ended);
  t.is((await readLease(world, namespace)).spec?.holderIdentity, 'a_1');
});

apiTest('a leader that died is waited for as long as its lease lasts, and no longer', async (t, world) => {
  const {namespace} = await world.place();
  await occupy(world, namespace, 'dead_1');
  const next = runCandidate(world, namespace, {pod: 'b'});
  await pause(200);
  next.clock.jump(10_000);
  await pause(200);
  t.false(next.leads(), 'its clock may be wrong: only our own counts');
  next.clock.jump(5000);
  await assertLeads(t, next);
});

apiTest('a restart of the same container does not wait for itself', async (t, world) => {
  const {namespace} = await world.place();
  await occupy(world, namespace, 'a_1');
  await assertLeads(t, runCandidate(world, namespace, {pod: 'a', process: '2'}));
});

for (const thief of ['thief_1', 'a_2'])
  apiTest(`whoever loses the lead to another (${thief}) ends`, async (t, world) => {
    const {namespace} = await world.place();
    const first = runCandidate(world, namespace, {pod: 'a'});
    await leading(first);
    await steal(world, namespace, thief);
    first.clock.jump(LEASE_TIMING.retrySeconds * 1000);
    t.true(await first.ended);
    t.is(first.lead.leftMs(), 0);
    t.is((await readLease(world, namespace)).spec?.holderIdentity, thief);
  });

apiTest('whoever slept for longer than the lead lasts ends, and renews nothing', async (t, world) => {
  const {namespace} = await world.place();
  const first = runCandidate(world, namespace, {pod: 'a'});
  await leading(first);
  const {metadata} = await readLease(world, namespace);
  first.clock.jump(LEASE_TIMING.renewDeadlineSeconds * 1000);
  t.is(first.lead.leftMs(), 0, 'at once, before anything else runs');
  t.true(await first.ended);
  t.is((await readLease(world, namespace)).metadata.resourceVersion, metadata.resourceVersion);
});

apiTest('an answer that does not come does not make the lead longer', async (t, world) => {
  const {namespace} = await world.place();
  let isSilent = false;
  const real = createResource(world.rest, LEASES);
  const replace: typeof real.replace = (ref, body) =>
    isSilent ? new Promise(() => undefined) : real.replace(ref, body);
  const first = runCandidate(world, namespace, {pod: 'a', leases: {replace}});
  await leading(first);
  isSilent = true;
  first.clock.jump(LEASE_TIMING.retrySeconds * 1000);
  await pause(100);
  first.clock.jump((LEASE_TIMING.renewDeadlineSeconds - LEASE_TIMING.retrySeconds) * 1000);
  t.true(await first.ended);
});

apiTest('a lead that is kept costs one request for each renewal', async (t, world) => {
  const {namespace} = await world.place();
  let gets = 0;
  const real = createResource(world.rest, LEASES);
  const get: typeof real.get = ref => {
    gets += 1;
    return real.get(ref);
  };
  const first = runCandidate(world, namespace, {pod: 'a', leases: {get}});
  await leading(first);
  const before = gets;
  for (let renewal = 0; renewal < 5; renewal += 1) {
    const {metadata} = await readLease(world, namespace);
    first.clock.jump(LEASE_TIMING.retrySeconds * 1000);
    await eventually('a renewal', async () => {
      const lease = await readLease(world, namespace);
      return lease.metadata.resourceVersion !== metadata.resourceVersion || undefined;
    });
  }
  t.is(gets, before);
  await assertLeads(t, first);
});
