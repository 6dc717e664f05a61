import path from 'node:path';
import test from 'ava';
import {findKubeconfigs, readArguments} from '../../src/cli/config.ts';

const home = '/home/ada';
const exists = () => true;

test('--kubeconfig wins over everything', t => {
  t.deepEqual(findKubeconfigs({flag: '/flag', environment: {KUBECONFIG: '/variable'}, home, exists}), [
    '/flag',
  ]);
});

test('KUBECONFIG wins over the home folder', t => {
  t.deepEqual(findKubeconfigs({environment: {KUBECONFIG: '/variable'}, home, exists}), ['/variable']);
});

test('the home folder has the default', t => {
  t.deepEqual(findKubeconfigs({environment: {}, home, exists}), ['/home/ada/.kube/config']);
});

test('in a pod without a kubeconfig it is the service account', t => {
  t.is(
    findKubeconfigs({environment: {KUBERNETES_SERVICE_HOST: '10.96.0.1'}, home, exists: () => false}),
    undefined,
  );
});

test('a file that does not exist is named with where the name came from', t => {
  const missing = {home, exists: () => false};
  t.throws(() => findKubeconfigs({...missing, flag: '/flag', environment: {}}), {
    message: /--kubeconfig is \/flag/,
  });
  t.throws(() => findKubeconfigs({...missing, environment: {KUBECONFIG: '/gone'}}), {
    message: /KUBECONFIG is \/gone/,
  });
  t.throws(() => findKubeconfigs({...missing, environment: {}}), {message: /there is no kubeconfig/});
});

test('of several files in KUBECONFIG those that exist are read, in their order', t => {
  const environment = {KUBECONFIG: ['/a', '', '/gone', '/b'].join(path.delimiter)};
  t.deepEqual(findKubeconfigs({environment, home, exists: file => file !== '/gone'}), ['/a', '/b']);
  t.throws(() => findKubeconfigs({environment, home, exists: () => false}), {
    message: /KUBECONFIG is \/a:\/gone:\/b, of which none exists/,
  });
});

test('as a plugin it calls itself what the user typed', t => {
  t.is(readArguments(['node', '/usr/local/bin/kubectl-memoryprobe', 'wait']).name, 'kubectl memoryprobe');
  t.deepEqual(readArguments(['node', '/usr/local/bin/memoryprobe', 'wait', 'x']), {
    name: 'memoryprobe',
    args: ['wait', 'x'],
  });
});
