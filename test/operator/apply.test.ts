import test from 'ava';
import {decodeSpec} from '../../src/api/decode.ts';
import {Cache, type Change} from '../../src/kube/cache.ts';
import {ApiFault, isFault} from '../../src/kube/faults.ts';
import type {Pod} from '../../src/kube/types.ts';
import {silentLog} from '../../src/lib/log.ts';
import type {Action} from '../../src/operator/actions.ts';
import {apply, type Hands} from '../../src/operator/apply.ts';
import {settingsOf} from '../../src/operator/repair.ts';
import {CONFIG} from '../helpers/world.ts';
import {aPod, aProbe, IDENTITY, someFacts} from './scene.ts';

const A_SPEC = decodeSpec({target: {podName: 'target'}});

const pod = (resourceVersion: string, more: Partial<Pod['metadata']> = {}, status: Pod['status'] = {}): Pod =>
  ({
    metadata: {
      name: 'balloon',
      uid: 'u1',
      resourceVersion,
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...more,
    },
    status,
  }) as Pod;

/** Deletes the pod that the cache knows as version 1, and gives the cache and what it told of. */
const remove = async (answer: () => Promise<Pod | {kind: 'Status'}>, gracePeriodSeconds: number) => {
  const changes: Change<Pod>[] = [];
  const podCache = new Cache<Pod>(silentLog, change => changes.push(change));
  podCache.sink.replaced([pod('1')]);
  changes.length = 0;
  const hands = {config: CONFIG, podCache, pods: {delete: answer}, note: () => undefined} as unknown as Hands;
  const fact = {...aPod({}), uid: 'u1', name: 'balloon'};
  await apply(hands, aProbe(), [{do: 'deletePod', pod: fact, gracePeriodSeconds}]);
  return {podCache, changes};
};

const ENDED = {phase: 'Succeeded'} as const;

test('a pod that is removed at once is told of as the server had it last', async t => {
  const {podCache, changes} = await remove(async () => pod('2', {}, ENDED), 0);
  t.is(podCache.byUid('u1'), undefined);
  t.deepEqual(
    changes.map(({before, after}) => [before?.status?.phase, after]),
    [['Succeeded', undefined]],
  );
});

test('a pod on its way out is known to be', async t => {
  const {podCache} = await remove(async () => pod('2', {deletionTimestamp: '2026-01-01T00:00:30Z'}), 30);
  t.is(podCache.byUid('u1')?.metadata.deletionTimestamp, '2026-01-01T00:00:30Z');
});

test('a pod that a finalizer keeps is not taken for gone', async t => {
  const {podCache} = await remove(async () => pod('2', {finalizers: ['example.com/keep']}), 0);
  t.is(podCache.byUid('u1')?.metadata.resourceVersion, '2');
});

for (const kind of ['NotFound', 'Conflict'] as const)
  test(`of a pod that was gone before (${kind}) the watch still brings what it said last`, async t => {
    const {podCache, changes} = await remove(() => Promise.reject(new ApiFault(kind, 'gone')), 30);
    podCache.sink.changed(pod('2', {}, ENDED));
    podCache.sink.removed(pod('3', {}, ENDED));
    t.is(podCache.byUid('u1'), undefined);
    t.is(changes.at(-1)?.before?.status?.phase, 'Succeeded');
  });

/** Makes a pod for a probe that the server has in this version; answers what was made. */
const make = async (
  server: {resourceVersion: string} | undefined,
  before: Action[] = [],
): Promise<unknown[]> => {
  const made: unknown[] = [];
  const probe = aProbe();
  const written = {...probe, metadata: {...probe.metadata, resourceVersion: '2'}};
  const hands = {
    config: CONFIG,
    podCache: {adopt: () => undefined},
    probeCache: {adopt: () => undefined},
    pods: {create: async (_: string, body: object) => made.push(body)},
    probes: {
      get: async () => {
        if (!server) throw new ApiFault('NotFound', 'gone');
        return {...probe, metadata: {...probe.metadata, ...server}};
      },
      merge: async () => written,
    },
    note: () => undefined,
  } as unknown as Hands;
  const order = {component: 'balloon', settings: settingsOf(someFacts(), A_SPEC, IDENTITY)} as const;
  const create: Action = {do: 'createPod', order: {...order, tolerations: [], activeDeadlineSeconds: 60}};
  await apply(hands, probe, [...before, create]).catch(thrown => {
    if (!isFault(thrown, 'Conflict')) throw thrown;
  });
  return made;
};

test('a pod is made for a probe that is as it was seen', async t => {
  t.is((await make({resourceVersion: '1'})).length, 1);
});

test('no pod is made for a probe that has changed, or is gone, and the watch has not told yet', async t => {
  t.deepEqual(await make({resourceVersion: '2'}), []);
  t.deepEqual(await make(undefined), []);
});

test('a write that was accepted just before is enough to know', async t => {
  t.is((await make(undefined, [{do: 'addFinalizer'}])).length, 1);
});
