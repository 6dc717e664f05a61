import type {EventsV1Event, V1ConfigMap, V1Lease, V1Namespace, V1Node, V1Pod} from '@kubernetes/client-node';
import type {MemoryProbeBody} from '../api/memory-probe.ts';
import {API_VERSION, PLURAL} from '../api/names.ts';
import type {KubeObject, Metadata, ResourceType, Wire} from './resource.ts';

type WireObject<T> = Omit<Wire<T>, 'metadata'> & KubeObject;

export type Pod = WireObject<V1Pod>;
export type Node = WireObject<V1Node>;
export type Lease = WireObject<V1Lease>;
export type ConfigMap = WireObject<V1ConfigMap>;
export type Namespace = WireObject<V1Namespace>;
export type Event = WireObject<EventsV1Event>;
export type MemoryProbe = MemoryProbeBody & {metadata: Metadata};

/** Everything that the programs ask the API server for. */
export const PODS: ResourceType<Pod> = {apiVersion: 'v1', plural: 'pods', namespaced: true};
export const NODES: ResourceType<Node> = {apiVersion: 'v1', plural: 'nodes', namespaced: false};
export const MEMORY_PROBES: ResourceType<MemoryProbe> = {
  apiVersion: API_VERSION,
  plural: PLURAL,
  namespaced: true,
};
export const LEASES: ResourceType<Lease> = {
  apiVersion: 'coordination.k8s.io/v1',
  plural: 'leases',
  namespaced: true,
};
export const EVENTS: ResourceType<Event> = {
  apiVersion: 'events.k8s.io/v1',
  plural: 'events',
  namespaced: true,
};
export const CONFIG_MAPS: ResourceType<ConfigMap> = {
  apiVersion: 'v1',
  plural: 'configmaps',
  namespaced: true,
};
export const NAMESPACES: ResourceType<Namespace> = {
  apiVersion: 'v1',
  plural: 'namespaces',
  namespaced: false,
};
