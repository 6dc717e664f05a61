/** From `kubectl apply` to Complete, split by what a watch sees and by what the agent's own record says. */
import {spawn} from 'node:child_process';
import {createInterface} from 'node:readline';
import {parseLine} from '../../src/domain/record.ts';
import {KUBECONFIG, KUBECTL, type NodeKind, OPERATOR_NAMESPACE, waitFor} from '../../test/helpers/cluster.ts';
import {applyProbe, runWorkload} from '../../test/helpers/probe.ts';

/** Seconds of each part of one probe; they add up to the whole. */
export type Split = {
  /** kubectl, API server, the operator's first look, and the balloon pod created. */
  create: number;
  scheduling: number;
  /** kubelet and container run time, and the start of the agent. */
  podStart: number;
  baseline: number;
  squeeze: number;
  /** The hold, letting go, the termination message, pod status, verdict. */
  report: number;
};
export const PARTS: (keyof Split)[] = ['create', 'scheduling', 'podStart', 'baseline', 'squeeze', 'report'];
export const wholeOf = (split: Split): number => PARTS.reduce((sum, part) => sum + split[part], 0);

type Marks = Map<string, number>;

const follow = (args: string[], onLine: (line: string) => void): (() => void) => {
  const child = spawn(KUBECTL, ['--kubeconfig', KUBECONFIG, ...args], {stdio: ['ignore', 'pipe', 'ignore']});
  createInterface({input: child.stdout}).on('line', onLine);
  return () => child.kill();
};

const mark = (marks: Marks, name: string, milliseconds = Date.now()): void => {
  if (!marks.has(name)) marks.set(name, milliseconds);
};

/** Reads the agent's record while it is written; the pod is deleted as soon as its report is in status. */
const followRecord = (marks: Marks, podName: string): (() => void) =>
  follow(['-n', OPERATOR_NAMESPACE, 'logs', '-f', podName], text => {
    const line = parseLine(text);
    if (!line) return;
    const milliseconds = Date.parse(line.time);
    if (line.type === 'start') mark(marks, 'agent', milliseconds);
    if (line.type === 'step') mark(marks, 'firstStep', milliseconds);
    if (line.type === 'step') marks.set('lastStep', milliseconds);
  });

const followPods = (marks: Marks): (() => void) => {
  const fields =
    '{.metadata.name} {.spec.nodeName} {.status.containerStatuses[0].state.running.startedAt}{"\\n"}';
  let stopRecord: (() => void) | undefined;
  const stop = follow(
    [
      '-n',
      OPERATOR_NAMESPACE,
      'get',
      'pods',
      '-w',
      '-l',
      'app.kubernetes.io/component=balloon',
      '-o',
      `jsonpath=${fields}`,
    ],
    line => {
      const [name = '', nodeName, startedAt] = line.split(' ');
      mark(marks, 'created');
      if (nodeName) mark(marks, 'scheduled');
      if (startedAt) stopRecord ??= followRecord(marks, name);
    },
  );
  return () => {
    stop();
    stopRecord?.();
  };
};

const followProbe = (marks: Marks, namespace: string): (() => void) =>
  follow(
    [
      '-n',
      namespace,
      'get',
      'memoryprobe',
      '-w',
      '-o',
      'jsonpath={.status.conditions[?(@.type=="Complete")].status}{"\\n"}',
    ],
    line => {
      if (line === 'True') mark(marks, 'complete');
    },
  );

/** One probe on a fresh target that freed 300 MiB lazily. */
export const measureLatency = async (namespace: string, node: NodeKind): Promise<Split> => {
  await runWorkload({
    namespace,
    name: 'target',
    node,
    args: ['lazily-freed', '--freed=300Mi', '--held=46Mi'],
  });
  const marks: Marks = new Map();
  const stops = [followPods(marks), followProbe(marks, namespace)];
  try {
    mark(marks, 'applied');
    await applyProbe(namespace, 'probe', {target: {podName: 'target'}, criteria: {idleSeconds: 0}});
    await waitFor('the probe to complete', async () => marks.get('complete'), {
      seconds: 120,
      everyMilliseconds: 20,
    });
  } finally {
    for (const stop of stops) stop();
  }
  const between = (from: string, to: string): number =>
    ((marks.get(to) ?? Number.NaN) - (marks.get(from) ?? Number.NaN)) / 1000;
  return {
    create: between('applied', 'created'),
    scheduling: between('created', 'scheduled'),
    podStart: between('scheduled', 'agent'),
    baseline: between('agent', 'firstStep'),
    squeeze: between('firstStep', 'lastStep'),
    report: between('lastStep', 'complete'),
  };
};
