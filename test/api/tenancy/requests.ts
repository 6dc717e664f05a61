import type {Call, Rest} from '../../../src/kube/rest.ts';
import {HOME} from '../../helpers/tenancy.ts';

export const PODS = (namespace: string) => `/api/v1/namespaces/${namespace}/pods`;
export const PROBES = (namespace: string) =>
  `/apis/memoryprobe.dev/v1alpha1/namespaces/${namespace}/memoryprobes`;
export const RBAC = `/apis/rbac.authorization.k8s.io/v1/namespaces/${HOME}`;
export const TARGET = {podName: 'target'};
export const NODE_WIDE = {target: TARGET, pressure: {scope: 'Node'}};
export const BY = 'memoryprobe.dev/requested-by';
export const GROUPS = 'memoryprobe.dev/requested-by-groups';

type Annotations = Record<string, string>;

export const probeBody = (name: string, spec: object, annotations: Annotations = {}) => ({
  apiVersion: 'memoryprobe.dev/v1alpha1',
  kind: 'MemoryProbe',
  metadata: {name, annotations},
  spec,
});

/** As kubectl sends it: with a field that nobody knows it is refused. */
export const create = (rest: Rest, namespace: string, spec: object, annotations: Annotations = {}) =>
  rest.call({
    method: 'POST',
    path: PROBES(namespace),
    query: {fieldValidation: 'Strict'},
    body: probeBody('attempt', spec, annotations),
  });
export const creates = (spec: object, annotations?: Annotations) => (rest: Rest) =>
  create(rest, HOME, spec, annotations);
export const merges = (path: string, body: object) => (rest: Rest) =>
  rest.call({method: 'PATCH', path, body, contentType: 'application/merge-patch+json'});
export const calls = (method: Call['method'], path: string, body?: object) => (rest: Rest) =>
  rest.call({method, path, ...(body && {body})});
