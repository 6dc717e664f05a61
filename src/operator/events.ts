import {API_VERSION, KIND} from '../api/names.ts';
import {isFault} from '../kube/faults.ts';
import {microTime} from '../kube/micro-time.ts';
import type {Resource} from '../kube/resource.ts';
import type {Event, MemoryProbe} from '../kube/types.ts';
import type {Clock} from '../lib/clock.ts';
import {messageOf} from '../lib/exit.ts';
import type {Log} from '../lib/log.ts';
import type {EventOrder} from './actions.ts';

/** Tells people; an event that cannot be written is no reason to stop. */
export type Recorder = {record: (probe: MemoryProbe, event: EventOrder) => Promise<undefined>};

/** The API server refuses longer notes. */
const MAX_NOTE_LENGTH = 1024;

export const createRecorder = (
  events: Resource<Event>,
  identity: string,
  clock: Clock,
  log: Log,
): Recorder => ({
  record: async (probe, {type, reason, action, note}) => {
    const {namespace, name, uid} = probe.metadata;
    const body = {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      // One name for one event of one probe: a run that is made again does not tell twice.
      metadata: {namespace, name: `${name.slice(0, 200)}.${uid.slice(0, 8)}.${reason.toLowerCase()}`},
      eventTime: microTime(clock.now()),
      reportingController: 'memoryprobe.dev/operator',
      reportingInstance: identity,
      type,
      reason,
      action,
      note: note.slice(0, MAX_NOTE_LENGTH),
      regarding: {apiVersion: API_VERSION, kind: KIND, namespace, name, uid},
    };
    await events.create(namespace, body).catch(thrown => {
      if (isFault(thrown, 'AlreadyExists')) return;
      log.warn('event not recorded', {key: `${namespace}/${name}`, error: messageOf(thrown)});
    });
    return undefined;
  },
});
