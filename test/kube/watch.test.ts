import test from 'ava';
import {ApiFault} from '../../src/kube/faults.ts';
import type {KubeObject} from '../../src/kube/resource.ts';
import type {Call, Rest} from '../../src/kube/rest.ts';
import {runWatch} from '../../src/kube/watch.ts';
import {systemClock} from '../../src/lib/clock.ts';
import {silentLog} from '../../src/lib/log.ts';

/** A server that answers as scripted: a real one forgets old versions only after minutes, and never says nonsense. */
const scripted = (streams: (string | Error)[]): {rest: Rest; calls: Call[]} => {
  const calls: Call[] = [];
  let lists = 0;
  const rest: Rest = {
    call: async <T>(call: Call): Promise<T> => {
      calls.push(call);
      lists += 1;
      return {metadata: {resourceVersion: `list-${lists}`}, items: []} as T;
    },
    stream: async call => {
      calls.push(call);
      const next = streams.shift();
      if (next instanceof Error) throw next;
      if (next === undefined) return new Promise(() => undefined);
      return (async function* () {
        yield new TextEncoder().encode(next);
      })();
    },
  };
  return {rest, calls};
};

const run = async (streams: (string | Error)[], untilCalls: number) => {
  const {rest, calls} = scripted(streams);
  const controller = new AbortController();
  const seen: string[] = [];
  void runWatch<KubeObject>({
    rest,
    type: {apiVersion: 'v1', plural: 'pods', namespaced: true},
    sink: {
      replaced: items => seen.push(`all ${items.length}`),
      changed: ({metadata}) => seen.push(`+${metadata.name}`),
      removed: ({metadata}) => seen.push(`-${metadata.name}`),
    },
    clock: systemClock,
    random: () => 0,
    log: silentLog,
    signal: controller.signal,
    timing: {backoff: {baseMs: 1, capMs: 5}},
  });
  while (calls.length < untilCalls) await new Promise(resolve => setTimeout(resolve, 1));
  controller.abort();
  const versions = calls.map(({query}) => (query?.watch ? `watch ${query.resourceVersion}` : 'list'));
  return {seen, versions};
};

const event = (type: string, name: string, resourceVersion: string) =>
  `${JSON.stringify({type, object: {metadata: {name, uid: name, resourceVersion}}})}\n`;
const gone = `${JSON.stringify({type: 'ERROR', object: {kind: 'Status', code: 410, reason: 'Expired', message: 'too old'}})}\n`;

test('410 in the stream leads to a new list', async t => {
  const {versions} = await run([event('ADDED', 'a', '5') + gone], 4);
  t.deepEqual(versions, ['list', 'watch list-1', 'list', 'watch list-2']);
});

test('410 as the answer leads to a new list', async t => {
  const {versions} = await run([new ApiFault('Expired', 'x', {status: 410})], 4);
  t.deepEqual(versions, ['list', 'watch list-1', 'list', 'watch list-2']);
});

test('a bookmark moves the place to go on from, and tells nobody', async t => {
  const {versions, seen} = await run([event('ADDED', 'a', '5') + event('BOOKMARK', '', '9')], 3);
  t.deepEqual(versions, ['list', 'watch list-1', 'watch 9']);
  t.deepEqual(seen, ['all 0', '+a']);
});

test('a cut connection goes on from the last version', async t => {
  const {versions} = await run([event('ADDED', 'a', '5'), new ApiFault('Unreachable', 'x')], 4);
  t.deepEqual(versions, ['list', 'watch list-1', 'watch 5', 'watch 5']);
});

test('half a line and nonsense lead to a new list, and end nothing', async t => {
  const {versions, seen} = await run([`${event('ADDED', 'a', '5')}{"type":"ADD`, 'nonsense\n'], 5);
  t.deepEqual(versions, ['list', 'watch list-1', 'watch 5', 'list', 'watch list-2']);
  t.deepEqual(seen, ['all 0', '+a', 'all 0']);
});

test('a list from before a write is asked for again before anybody is told, but not for ever', async t => {
  const listUntilTold = async (pasts: boolean[]) => {
    const {rest, calls} = scripted([]);
    const controller = new AbortController();
    const told: number[] = [];
    const {promise, resolve} = Promise.withResolvers<void>();
    void runWatch<KubeObject>({
      rest,
      type: {apiVersion: 'v1', plural: 'pods', namespaced: true},
      sink: {
        isPast: () => pasts.shift() ?? true,
        replaced: () => {
          told.push(calls.length);
          resolve();
        },
        changed: () => undefined,
        removed: () => undefined,
      },
      clock: systemClock,
      random: () => 0,
      log: silentLog,
      signal: controller.signal,
    });
    await promise;
    controller.abort();
    return told;
  };
  t.deepEqual(await listUntilTold([false]), [1]);
  t.deepEqual(await listUntilTold([true, false]), [2]);
  t.deepEqual(await listUntilTold([]), [3]);
});
