import type {Clock} from '../lib/clock.ts';
import {isFault} from './faults.ts';
import {microTime} from './micro-time.ts';
import type {Resource} from './resource.ts';
import type {Lease} from './types.ts';

/**
 * As in controller-runtime: a lease lasts 15 s, its holder stops when it could not renew it for 10 s, and tries each 2 s.
 * Followers look each second, so that one takes over at most 16 s after the last renewal, and 1 s after a hand-over.
 */
export const LEASE_TIMING = {
  leaseSeconds: 15,
  renewDeadlineSeconds: 10,
  retrySeconds: 2,
  lookSeconds: 1,
} as const;

/** Who holds a lease: one process, and the pod that it runs in. */
export type Holder = {
  /** The same after a restart of the container: that need not wait for the process before it, which is dead. */
  pod: string;
  /** Unique to this process. */
  process: string;
};

/** Where a lease is, and who wants it. */
export type LeaseRecord = {
  leases: Resource<Lease>;
  namespace: string;
  name: string;
  holder: Holder;
  clock: Clock;
};

export type Outcome = {isOurs: true; sentMs: number} | {isOurs: false; freeInMs: number};

/** One try to take or renew the lease. Rejects when it could not be found out whose it is. */
export type Attempt = () => Promise<Outcome>;

export const createAttempt = (options: LeaseRecord): Attempt => {
  const {leases, namespace, name, holder, clock} = options;
  const identity = identityOf(holder);
  // How old a record is, by our own clock: clocks of two machines are never compared.
  let seen = {record: '', sinceMs: clock.monotonic()};
  let hasLed = false;
  /** As our last write was answered; absent where that is not known to be the last. */
  let ours: Lease | undefined;

  const write = async (held: Lease | undefined): Promise<Outcome> => {
    ours = undefined;
    const sentMs = clock.monotonic();
    const spec = claim(held?.spec, identity, microTime(clock.now()));
    ours = held
      ? await leases.replace({namespace, name}, {...TYPE, metadata: held.metadata, spec})
      : await leases.create(namespace, {...TYPE, metadata: {namespace, name}, spec});
    hasLed = true;
    return {isOurs: true, sentMs};
  };

  const look = async (): Promise<Outcome> => {
    const held = await find(options);
    const record = JSON.stringify(held?.spec);
    if (record !== seen.record) seen = {record, sinceMs: clock.monotonic()};
    const freeInMs = lastsMs(held) - (clock.monotonic() - seen.sinceMs);
    const isFree = freeInMs <= 0 || isFreeTo(holder, held?.spec?.holderIdentity, hasLed);
    return isFree ? write(held) : {isOurs: false, freeInMs};
  };

  return async () => {
    if (!ours) return look();
    return write(ours).catch(thrown => {
      if (isFault(thrown, 'Conflict', 'NotFound')) return look();
      throw thrown;
    });
  };
};

const identityOf = ({pod, process}: Holder): string => `${pod}_${process}`;

/** Whoever leads is not followed by another process of its own pod without noticing. No pod's name has an underscore. */
const isFreeTo = (holder: Holder, heldBy: string | undefined, hasLed: boolean): boolean => {
  if (!heldBy || heldBy === identityOf(holder)) return true;
  return !hasLed && heldBy.split('_')[0] === holder.pod;
};

const lastsMs = (held: Lease | undefined): number =>
  held ? (held.spec?.leaseDurationSeconds ?? LEASE_TIMING.leaseSeconds) * 1000 : 0;

const claim = (spec: Lease['spec'], holderIdentity: string, now: string): Lease['spec'] => ({
  ...spec,
  holderIdentity,
  leaseDurationSeconds: LEASE_TIMING.leaseSeconds,
  renewTime: now,
  ...(spec?.holderIdentity !== holderIdentity && {
    acquireTime: now,
    leaseTransitions: spec ? (spec.leaseTransitions ?? 0) + 1 : 0,
  }),
});

const find = ({leases, namespace, name}: LeaseRecord): Promise<Lease | undefined> =>
  leases.get({namespace, name}).catch(thrown => {
    if (isFault(thrown, 'NotFound')) return undefined;
    throw thrown;
  });

/** Lets the next one lead at once, if it is still ours. */
export const giveUp = async (options: LeaseRecord): Promise<void> => {
  const held = await find(options);
  if (held?.spec?.holderIdentity !== identityOf(options.holder)) return;
  const spec = {...held.spec, holderIdentity: '', leaseDurationSeconds: 1};
  await options.leases.replace(held.metadata, {...TYPE, metadata: held.metadata, spec});
};

const TYPE = {apiVersion: 'coordination.k8s.io/v1', kind: 'Lease'};
