import test from 'ava';
import {questionOf} from '../../src/operator/requester.ts';
import {aProbe} from './scene.ts';

const ask = (annotations: Record<string, string>) => questionOf(aProbe({metadata: {annotations}}));

test('the question is about the user who asks, in the namespace of the probe', t => {
  t.deepEqual(ask({'memoryprobe.dev/requested-by': 'ada'}), {
    user: 'ada',
    groups: ['system:authenticated'],
    namespace: 'shop',
    verb: 'squeeze-node',
    group: 'memoryprobe.dev',
    resource: 'memoryprobes',
  });
});

test('groups that the user named come along', t => {
  const question = ask({
    'memoryprobe.dev/requested-by': 'ada',
    'memoryprobe.dev/requested-by-groups': 'sre, ops,',
  });
  t.deepEqual(question?.groups, ['sre', 'ops', 'system:authenticated']);
});

test('a service account is in the groups that the API server puts it in', t => {
  t.deepEqual(ask({'memoryprobe.dev/requested-by': 'system:serviceaccount:ci:gate'})?.groups, [
    'system:serviceaccounts',
    'system:serviceaccounts:ci',
    'system:authenticated',
  ]);
});

test('nobody asks where the annotation is missing or empty', t => {
  t.is(ask({}), undefined);
  t.is(ask({'memoryprobe.dev/requested-by': ''}), undefined);
  t.is(ask({'memoryprobe.dev/requested-by-groups': 'system:masters'}), undefined);
});
