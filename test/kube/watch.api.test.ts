import {readFileSync, writeFileSync} from 'node:fs';
import {type Access, createAccess} from '../../src/kube/access.ts';
import {type Followed, follow} from '../../src/kube/follow.ts';
import type {KubeObject, ResourceType} from '../../src/kube/resource.ts';
import {createResource} from '../../src/kube/resource.ts';
import {createRest} from '../../src/kube/rest.ts';
import type {WatchTiming} from '../../src/kube/watch.ts';
import {systemClock} from '../../src/lib/clock.ts';
import {silentLog} from '../../src/lib/log.ts';
import {type CutProxy, startCutProxy} from '../helpers/cut-proxy.ts';
import {createApiTest} from '../helpers/need-api-server.ts';
import {eventually, type World} from '../helpers/world.ts';

const apiTest = createApiTest();

type ConfigMap = KubeObject & {data?: Record<string, string>};
const CONFIG_MAPS: ResourceType<ConfigMap> = {apiVersion: 'v1', plural: 'configmaps', namespaced: true};

type Scene = {
  proxy: CutProxy;
  followed: Followed<ConfigMap>;
  names: () => string[];
  changes: string[];
  create: (name: string) => Promise<ConfigMap>;
  remove: (name: string) => Promise<void>;
};

/** A watch through a proxy on a namespace of its own; writes go past the proxy. */
const watching = async (
  world: World,
  timing: Partial<WatchTiming>,
  act: (scene: Scene) => Promise<void>,
): Promise<void> => {
  const {namespace} = await world.place();
  const proxy = await startCutProxy({host: '127.0.0.1', port: Number(new URL(world.api.server).port)});
  const access = accessThrough(world, proxy.port);
  const controller = new AbortController();
  const changes: string[] = [];
  const followed = follow<ConfigMap>(
    {
      rest: createRest({access, userAgent: 'test'}),
      clock: systemClock,
      random: Math.random,
      log: silentLog,
      timing: {backoff: {baseMs: 20, capMs: 100}, ...timing},
    },
    {type: CONFIG_MAPS, namespace},
    controller.signal,
    ({before, after}) =>
      changes.push(`${before ? '-' : ''}${after ? '+' : ''}${(after ?? before)?.metadata.name}`),
  );
  await followed.cache.synced;
  const maps = createResource(world.rest, CONFIG_MAPS);
  const scene: Scene = {
    proxy,
    followed,
    changes,
    names: () => followed.cache.all.map(({metadata}) => metadata.name).sort(),
    create: name => maps.create(namespace, {metadata: {name}}),
    remove: async name => {
      const {metadata} = await maps.get({namespace, name});
      await maps.delete({namespace, name}, {uid: metadata.uid});
    },
  };
  try {
    await act(scene);
  } finally {
    controller.abort();
    await followed.stopped;
    await access.close();
    await proxy.close();
  }
};

const accessThrough = (world: World, port: number): Access => {
  const file = `${world.api.kubeconfig}.${port}`;
  writeFileSync(
    file,
    readFileSync(world.api.kubeconfig, 'utf8').replaceAll(world.api.server, `https://127.0.0.1:${port}`),
  );
  return createAccess({kubeconfig: file});
};

const sees = (scene: Scene, ...names: string[]): Promise<true> =>
  eventually(
    `${names} to be seen, not ${scene.names()}`,
    () => JSON.stringify(scene.names()) === JSON.stringify(names) || undefined,
  );

apiTest('a watch whose connection is cut goes on where it was', (t, world) =>
  watching(world, {}, async scene => {
    await scene.create('a');
    await sees(scene, 'a');
    for (let run = 0; run < 5; run += 1) {
      scene.proxy.cut();
      await scene.create(`b${run}`);
    }
    await sees(scene, 'a', 'b0', 'b1', 'b2', 'b3', 'b4');
    t.is(scene.changes.filter(change => change.endsWith('a')).length, 1, 'what is known is not told again');
  }),
);

apiTest(
  'an outage is sat out; what was deleted meanwhile is gone, what was made again is another',
  (t, world) =>
    watching(world, {}, async scene => {
      await scene.create('kept');
      await scene.create('removed');
      const first = await scene.create('remade');
      await sees(scene, 'kept', 'remade', 'removed');
      scene.proxy.refuse();
      await scene.remove('removed');
      await scene.remove('remade');
      const second = await scene.create('remade');
      await new Promise(resolve => setTimeout(resolve, 500));
      scene.proxy.mend();
      await sees(scene, 'kept', 'remade');
      t.truthy(scene.followed.cache.byUid(second.metadata.uid));
      t.is(scene.followed.cache.byUid(first.metadata.uid), undefined);
      t.true(scene.changes.includes('-removed') && scene.changes.includes('-remade'));
    }),
);

apiTest('a peer that went away without a word is noticed by its silence', (t, world) =>
  watching(world, {silenceMs: 1000}, async scene => {
    await scene.create('a');
    await sees(scene, 'a');
    scene.proxy.silence();
    await scene.create('b');
    await sees(scene, 'a', 'b');
    t.pass();
  }),
);

apiTest('watches that the server ends are taken up again, without a list', (t, world) =>
  watching(world, {timeoutSeconds: 1}, async scene => {
    await scene.create('a');
    await new Promise(resolve => setTimeout(resolve, 2500));
    await scene.create('b');
    await sees(scene, 'a', 'b');
    t.deepEqual(scene.changes, ['+a', '+b']);
  }),
);

apiTest('one connection serves a hundred requests', async (t, world) => {
  const proxy = await startCutProxy({host: '127.0.0.1', port: Number(new URL(world.api.server).port)});
  const access = accessThrough(world, proxy.port);
  const rest = createRest({access, userAgent: 'test'});
  for (let run = 0; run < 100; run += 1) await rest.call({method: 'GET', path: '/api/v1/namespaces/default'});
  t.true(proxy.connections() <= 2, `${proxy.connections()} connections`);
  await access.close();
  await proxy.close();
});
