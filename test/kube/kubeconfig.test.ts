import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {createAccess} from '../../src/kube/access.ts';
import {loadKubeconfig} from '../../src/kube/kubeconfig.ts';

const makeFiles = (t: ExecutionContext, texts: Record<string, string>): string[] => {
  const folder = mkdtempSync(path.join(tmpdir(), 'kubeconfig-'));
  t.teardown(() => rmSync(folder, {recursive: true}));
  return Object.entries(texts).map(([name, text]) => {
    const file = path.join(folder, name);
    writeFileSync(file, text);
    return file;
  });
};

/** A file that holds one cluster, its user and a context for both, as installers of clusters write them. */
const describeCluster = (name: string, server: string, more = ''): string => `apiVersion: v1
kind: Config
clusters: [{name: ${name}, cluster: {server: '${server}', certificate-authority: ca.crt}}]
users: [{name: ${name}-admin, user: {token: token-of-${name}}}]
contexts: [{name: ${name}, context: {cluster: ${name}, user: ${name}-admin, namespace: team-${name}}}]
${more}`;

const CURRENT = 'current-context: b\n';

test('files are merged: the context may stand in one and its cluster in another', t => {
  const [context = '', a = '', b = ''] = makeFiles(t, {
    context: CURRENT,
    a: describeCluster('a', 'https://a'),
    b: describeCluster('b', 'https://b'),
  });
  const access = createAccess({kubeconfig: [context, a, b]});
  t.like(access, {server: 'https://b', namespace: 'team-b'});
  t.is(createAccess({kubeconfig: [context, a, b], context: 'a'}).server, 'https://a');
});

test('of two that say the same thing the first wins, and two of a name are no fault', t => {
  const files = makeFiles(t, {
    first: describeCluster('a', 'https://first', 'current-context: a\n'),
    second: describeCluster('a', 'https://second', CURRENT),
  });
  const merged = loadKubeconfig(files);
  t.is(merged.getCurrentContext(), 'a');
  t.is(merged.getCurrentCluster()?.server, 'https://first');
  t.is(merged.getClusters().length, 1);
});

test('a path is relative to the file that it stands in, and an empty file says nothing', t => {
  const [empty = '', a = ''] = makeFiles(t, {empty: '\n', a: describeCluster('a', 'https://a')});
  const [cluster] = loadKubeconfig([empty, a]).getClusters();
  t.is(cluster?.caFile, path.join(path.dirname(a), 'ca.crt'));
});

test('files that name no current cluster are all named', t => {
  const [a = '', b = ''] = makeFiles(t, {
    a: describeCluster('a', 'https://a'),
    b: describeCluster('b', 'https://b'),
  });
  t.throws(() => createAccess({kubeconfig: [a, b]}), {message: new RegExp(`${a} and ${b} names no current`)});
});
