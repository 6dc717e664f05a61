import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import path from 'node:path';
import type {Manifest} from './helm.ts';

const MAIN = path.resolve(import.meta.dirname, '../../src/operator/main.ts');

type Variable = {name: string; value?: string};
type Deployment = {spec: {template: {spec: {containers: [{env: Variable[]}]}}}};

/** The environment that the chart's Deployment gives the operator; what it would learn from its pod is added. */
const environmentOf = (objects: Manifest[]): Record<string, string> => {
  const deployment = objects.find(({kind}) => kind === 'Deployment') as unknown as Deployment;
  const [{env}] = deployment.spec.template.spec.containers;
  return Object.fromEntries(env.flatMap(({name, value}) => (value === undefined ? [] : [[name, value]])));
};

/** The operator as the chart runs it: a process of its own, with the chart's settings and the given account. */
export const startDeployed = (objects: Manifest[], kubeconfig: string, namespace: string): ChildProcess =>
  spawn(process.execPath, [MAIN], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...environmentOf(objects),
      PATH: process.env.PATH,
      POD_NAME: 'operator-0',
      POD_NAMESPACE: namespace,
      KUBECONFIG: kubeconfig,
      HTTP_PORT: '0',
      LOG_LEVEL: 'error',
    },
  });

/** As the kubelet ends a pod: it may hand the lead over. Answers the exit code. */
export const stopDeployed = async (operator: ChildProcess): Promise<number | null> => {
  const ended = once(operator, 'exit');
  operator.kill('SIGTERM');
  const [code] = await ended;
  return code;
};
