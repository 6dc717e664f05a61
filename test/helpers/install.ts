import {isFault} from '../../src/kube/faults.ts';
import type {Rest} from '../../src/kube/rest.ts';
import {type Manifest, renderChart} from './helm.ts';
import {eventually} from './world.ts';

const FOLDERS: Record<string, string> = {
  Role: 'roles',
  RoleBinding: 'rolebindings',
  ClusterRole: 'clusterroles',
  ClusterRoleBinding: 'clusterrolebindings',
  PriorityClass: 'priorityclasses',
  ValidatingAdmissionPolicy: 'validatingadmissionpolicies',
  ValidatingAdmissionPolicyBinding: 'validatingadmissionpolicybindings',
};

export const pathOf = ({apiVersion, kind, metadata}: Manifest): string => {
  const scope = metadata.namespace ? `namespaces/${metadata.namespace}/` : '';
  return `/apis/${apiVersion}/${scope}${FOLDERS[kind]}`;
};

/** Makes the rights, admission policies and priorities of the chart, as `helm install` would. Answers all that stays. */
export const installRules = async (rest: Rest, ...flags: string[]): Promise<Manifest[]> => {
  const objects = renderChart(...flags).filter(isNoHook);
  // The policy that is waited for comes last: then the others are in force too.
  const rules = objects
    .filter(({kind}) => kind in FOLDERS)
    .sort((a, b) => Number(isProbesPolicy(a)) - Number(isProbesPolicy(b)));
  for (const object of rules) await rest.call({method: 'POST', path: pathOf(object), body: object});
  if (rules.some(({kind}) => kind === 'ValidatingAdmissionPolicyBinding')) await waitInForce(rest);
  return objects;
};

/** What a hook brings is only there while it runs. */
const isNoHook = ({metadata}: Manifest): boolean =>
  !('helm.sh/hook' in ((metadata as {annotations?: object}).annotations ?? {}));

const isProbesPolicy = ({kind, metadata}: Manifest): boolean =>
  kind.startsWith('ValidatingAdmissionPolicy') && metadata.name.endsWith('-probes');

/** A policy is in force a moment after it was made: until it refuses what nobody may do. */
const waitInForce = (rest: Rest): Promise<true> =>
  eventually('the admission policies to be in force', async () => {
    const forged = {
      apiVersion: 'memoryprobe.dev/v1alpha1',
      kind: 'MemoryProbe',
      metadata: {name: 'forged', annotations: {'memoryprobe.dev/requested-by': 'nobody'}},
      spec: {target: {podName: 'target'}},
    };
    const path = '/apis/memoryprobe.dev/v1alpha1/namespaces/default/memoryprobes';
    return rest.call({method: 'POST', path, query: {dryRun: 'All'}, body: forged}).then(
      () => undefined,
      thrown => {
        if (isFault(thrown, 'Forbidden', 'Invalid')) return true as const;
        throw thrown;
      },
    );
  });
