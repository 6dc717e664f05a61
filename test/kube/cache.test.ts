import test from 'ava';
import {Cache, type Change} from '../../src/kube/cache.ts';
import type {KubeObject} from '../../src/kube/resource.ts';
import {silentLog} from '../../src/lib/log.ts';

const item = (name: string, uid: string, resourceVersion: string): KubeObject => ({
  metadata: {name, uid, resourceVersion, creationTimestamp: '2026-01-01T00:00:00Z'},
});

const build = () => {
  const changes: string[] = [];
  const cache = new Cache<KubeObject>(silentLog, ({before, after}: Change<KubeObject>) => {
    changes.push(`${before?.metadata.resourceVersion ?? '-'}>${after?.metadata.resourceVersion ?? '-'}`);
  });
  return {cache, changes, versionOf: (uid: string) => cache.byUid(uid)?.metadata.resourceVersion};
};

test('an object made again under its name between two lists is a removal and an addition', t => {
  const {cache, changes} = build();
  cache.sink.replaced([item('a', 'u1', '1')]);
  cache.sink.replaced([item('a', 'u2', '5')]);
  t.deepEqual(changes, ['->1', '1>-', '->5']);
  t.is(cache.byName(undefined, 'a')?.metadata.uid, 'u2');
});

test('a late removal of the first does not take the second of that name away', t => {
  const {cache} = build();
  cache.sink.changed(item('a', 'u1', '1'));
  cache.sink.changed(item('a', 'u2', '5'));
  cache.sink.removed(item('a', 'u1', '4'));
  t.is(cache.byName(undefined, 'a')?.metadata.uid, 'u2');
});

test('the same version is told once', t => {
  const {cache, changes} = build();
  cache.sink.changed(item('a', 'u1', '1'));
  cache.sink.replaced([item('a', 'u1', '1')]);
  t.deepEqual(changes, ['->1']);
});

test('after a write the past does not come back through the watch', t => {
  const {cache, versionOf} = build();
  cache.sink.changed(item('a', 'u1', '1'));
  cache.adopt(item('a', 'u1', '2'), '1');
  cache.adopt(item('a', 'u1', '3'), '2');
  cache.sink.changed(item('a', 'u1', '2'));
  t.is(versionOf('u1'), '3');
  cache.sink.changed(item('a', 'u1', '3'));
  cache.sink.changed(item('a', 'u1', '4'));
  t.is(versionOf('u1'), '4');
});

test('an answer that comes after a newer event is not taken over', t => {
  const {cache, versionOf} = build();
  cache.sink.changed(item('a', 'u1', '1'));
  cache.sink.changed(item('a', 'u1', '2'));
  cache.sink.changed(item('a', 'u1', '3'));
  cache.adopt(item('a', 'u1', '2'), '1');
  t.is(versionOf('u1'), '3');
});

test('an answer about something that is gone does not bring it back', t => {
  const {cache, versionOf} = build();
  cache.sink.changed(item('a', 'u1', '1'));
  cache.sink.removed(item('a', 'u1', '2'));
  cache.adopt(item('a', 'u1', '2'), '1');
  t.is(versionOf('u1'), undefined);
});

test('what a deletion took away does not come back through a watch that is late, and its end is told once', t => {
  const {cache, changes, versionOf} = build();
  cache.sink.changed(item('a', 'u1', '1'));
  cache.drop(item('a', 'u1', '2'));
  cache.sink.changed(item('a', 'u1', '2'));
  cache.sink.replaced([item('a', 'u1', '2')]);
  t.is(versionOf('u1'), undefined);
  cache.sink.removed(item('a', 'u1', '3'));
  t.deepEqual(changes, ['->1', '2>-'], 'with what the answer said last');
  cache.sink.changed(item('a', 'u2', '4'));
  t.is(versionOf('u2'), '4');
});

test('what the watch has told the end of is not dropped again', t => {
  const {cache, changes, versionOf} = build();
  cache.sink.changed(item('a', 'u1', '1'));
  cache.sink.removed(item('a', 'u1', '2'));
  cache.drop(item('a', 'u1', '2'));
  t.deepEqual(changes, ['->1', '2>-']);
  cache.sink.changed(item('a', 'u1', '3'));
  t.is(versionOf('u1'), '3');
});

test('a handler that throws does not stop the telling', t => {
  const cache = new Cache<KubeObject>(silentLog, () => {
    throw new Error('mistake');
  });
  t.notThrows(() => cache.sink.replaced([item('a', 'u1', '1'), item('b', 'u2', '1')]));
  t.is(cache.all.length, 2);
});

test('a list that is older than a write is from the past: of something made or changed since it was asked for', t => {
  const {cache} = build();
  const {sink} = cache;
  sink.replaced([item('a', 'u1', '1')]);
  cache.adopt(item('b', 'u2', '2'));
  sink.listing?.();
  t.false(
    sink.isPast?.([item('a', 'u1', '1')]),
    'b was made, and its end not told, before the list was asked for',
  );
  cache.adopt(item('c', 'u3', '3'));
  t.true(sink.isPast?.([item('a', 'u1', '1')]));
  t.false(sink.isPast?.([item('a', 'u1', '1'), item('c', 'u3', '3')]));
  cache.adopt(item('a', 'u1', '4'), '1');
  t.true(sink.isPast?.([item('a', 'u1', '1'), item('c', 'u3', '3')]));
  cache.drop(item('c', 'u3', '3'));
  t.false(sink.isPast?.([item('a', 'u1', '4')]), 'what was taken away since is in no list');
  sink.listing?.();
  t.false(sink.isPast?.([]));
});
