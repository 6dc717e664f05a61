import path from 'node:path';
import test from 'ava';
import {
  apply,
  inNamespace,
  kubectl,
  NODE_KINDS,
  type NodeKind,
  onNode,
  ROOT,
  waitFor,
} from '../helpers/cluster.ts';

/** A pod borrows the machine's own programs, which the guest sees too: no image is needed but the one that is there. */
const BORROWED = ['/usr', '/lib', '/lib64', path.join(ROOT, '.tools')];
const SERVER = `require("http").createServer((_, answer) => answer.end(process.env.NODE_KIND)).listen(8080)`;

const podOn = (namespace: string, kind: NodeKind): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {namespace, name: kind, labels: {app: kind}},
  spec: {
    nodeSelector: {'memoryprobe.dev/lab-node': kind},
    terminationGracePeriodSeconds: 1,
    containers: [
      {
        name: 'server',
        image: 'localhost/memoryprobe-pause:1',
        imagePullPolicy: 'Never',
        command: [process.execPath, '-e', `console.log("listening");${SERVER}`],
        env: [{name: 'NODE_KIND', value: kind}],
        readinessProbe: {httpGet: {port: 8080, path: '/'}, periodSeconds: 1},
        volumeMounts: BORROWED.map((mountPath, i) => ({name: `borrowed-${i}`, mountPath, readOnly: true})),
      },
    ],
    volumes: BORROWED.map((hostPath, i) => ({name: `borrowed-${i}`, hostPath: {path: hostPath}})),
  },
});

const serviceOf = (namespace: string, kind: NodeKind): object => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {namespace, name: kind},
  spec: {selector: {app: kind}, ports: [{port: 80, targetPort: 8080}]},
});

test('pods on both nodes reach each other, each other by service, and the API server; logs and exec work', t =>
  inNamespace('network', async namespace => {
    const inside = (...args: string[]): Promise<string> => kubectl(['--namespace', namespace, ...args]);
    const read = (object: string, field: string): Promise<string> =>
      inside('get', object, '-o', `jsonpath={${field}}`);
    const fetchFrom = (kind: NodeKind, url: string): Promise<string> =>
      inside('exec', kind, '--', '/usr/bin/curl', '--silent', '--insecure', '--max-time', '5', url);
    await apply(...NODE_KINDS.flatMap(kind => [podOn(namespace, kind), serviceOf(namespace, kind)]));
    await inside('wait', '--for=condition=Ready', 'pod', '--all', '--timeout=60s');

    for (const from of NODE_KINDS) {
      for (const to of NODE_KINDS) {
        t.is(await fetchFrom(from, `http://${await read(`pod/${to}`, '.status.podIP')}:8080/`), to);
        const service = `http://${await read(`service/${to}`, '.spec.clusterIP')}/`;
        // The rules follow the endpoints, some time after the pod is Ready.
        const reached = await waitFor(`the service of ${to} from ${from}`, () =>
          fetchFrom(from, service).catch(() => undefined),
        );
        t.is(reached, to);
      }
      t.regex(await fetchFrom(from, 'https://10.96.0.1/version'), /"gitVersion": "v1\.34\.4"/);
      t.is(await inside('logs', from), 'listening\n');
    }
  }));

test('the guest node has cgroup v2, a kernel of its own, and no swap', async t => {
  t.is((await onNode('guest', 'stat -fc %T /sys/fs/cgroup')).trim(), 'cgroup2fs');
  t.not(await onNode('guest', 'uname -r'), await onNode('native', 'uname -r'));
  t.is((await onNode('guest', 'wc -l < /proc/swaps')).trim(), '1');
});
