import type {Call, Method, Rest} from './rest.ts';

/** The metadata that is looked at; times are RFC 3339 strings, as on the wire. */
export type Metadata = {
  name: string;
  namespace?: string;
  uid: string;
  resourceVersion: string;
  generation?: number;
  creationTimestamp: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
};
export type KubeObject = {metadata: Metadata};

/** client-node's types say Date where the wire has a string; this is the wire. */
export type Wire<T> = T extends Date
  ? string
  : T extends (infer Item)[]
    ? Wire<Item>[]
    : T extends object
      ? {[Key in keyof T]: Wire<T[Key]>}
      : T;

/** One kind of object: what its URLs are made of. The type parameter is what its JSON looks like. */
export type ResourceType<T extends KubeObject> = {
  apiVersion: string;
  plural: string;
  namespaced: boolean;
  /** Never present; carries the type. */
  readonly item?: T;
};

export type Selection = {labelSelector?: string; fieldSelector?: string};
export type ListAnswer<T> = {metadata: {resourceVersion: string; continue?: string}; items: T[]};

/** An object's address. Cluster-wide objects have no namespace. */
export type Ref = {namespace?: string | undefined; name: string};

export type DeleteOptions = {
  /** Only this very object, not another of the same name. */
  uid: string;
  gracePeriodSeconds?: number;
};

/** Server-side apply's name for us: it owns the fields that were applied under it. */
export type ApplyOptions = {fieldManager: string; subresource?: 'status'};

/** Typed calls for one kind of object. All reject with ApiFault. */
export type Resource<T extends KubeObject> = {
  type: ResourceType<T>;
  get: (ref: Ref) => Promise<T>;
  create: (namespace: string | undefined, body: object) => Promise<T>;
  replace: (ref: Ref, body: object) => Promise<T>;
  /** JSON merge patch: null removes, lists are replaced whole. */
  merge: (ref: Ref, body: object) => Promise<T>;
  /** Server-side apply, forced: what we own is ours. */
  apply: (ref: Ref, body: object, options: ApplyOptions) => Promise<T>;
  /** Answers the object on its way out or, where the server keeps nothing of it, as it was last or a mere Status. */
  delete: (ref: Ref, options: DeleteOptions) => Promise<T | {kind: 'Status'}>;
};

export const createResource = <T extends KubeObject>(
  rest: Rest,
  type: ResourceType<T>,
  timeoutMs?: number,
): Resource<T> => {
  const call = <Answer>(method: Method, path: string, extra: Omit<Call, 'method' | 'path'> = {}) =>
    rest.call<Answer>({method, path, ...(timeoutMs !== undefined && {timeoutMs}), ...extra});
  return {
    type,
    get: ref => call('GET', pathOf(type, ref)),
    create: (namespace, body) => call('POST', collectionPath(type, namespace), {body}),
    replace: (ref, body) => call('PUT', pathOf(type, ref), {body}),
    merge: (ref, body) =>
      call('PATCH', pathOf(type, ref), {body, contentType: 'application/merge-patch+json'}),
    apply: (ref, body, {fieldManager, subresource}) =>
      call('PATCH', `${pathOf(type, ref)}${subresource ? `/${subresource}` : ''}`, {
        body,
        query: {fieldManager, force: true},
        contentType: 'application/apply-patch+yaml',
      }),
    delete: (ref, {uid, gracePeriodSeconds}) => {
      const grace = gracePeriodSeconds === undefined ? {} : {gracePeriodSeconds};
      const body = {apiVersion: 'v1', kind: 'DeleteOptions', preconditions: {uid}, ...grace};
      return call('DELETE', pathOf(type, ref), {body});
    },
  };
};

/** Where the objects of a kind are listed and created: in one namespace, or in all of them. */
export const collectionPath = (type: ResourceType<KubeObject>, namespace?: string): string => {
  const root = type.apiVersion.includes('/') ? `/apis/${type.apiVersion}` : `/api/${type.apiVersion}`;
  return namespace === undefined
    ? `${root}/${type.plural}`
    : `${root}/namespaces/${encodeURIComponent(namespace)}/${type.plural}`;
};

const pathOf = (type: ResourceType<KubeObject>, {namespace, name}: Ref): string =>
  `${collectionPath(type, type.namespaced ? namespace : undefined)}/${encodeURIComponent(name)}`;
