import {sleep, waitAtMost} from '../lib/clock.ts';
import {messageOf} from '../lib/exit.ts';
import type {Log} from '../lib/log.ts';
import type {Lead} from './lead.ts';
import {type Attempt, createAttempt, giveUp, LEASE_TIMING, type LeaseRecord} from './lease-record.ts';

export type LeaseOptions = LeaseRecord & {
  lead: Lead;
  log: Log;
  signal: AbortSignal;
  /** Acts as the leader until the signal; resolves when nothing of it is under way any more. */
  onLead: () => Promise<void>;
};

/**
 * Takes the lead when it is free and keeps it. True: it was lost, and this process must end at once; a lease does not
 * fence (client-go tools/leaderelection says the same), so `lead` keeps writes back meanwhile. False: the signal came,
 * what was under way has ended, and the next one may lead.
 */
export const holdLease = async (options: LeaseOptions): Promise<boolean> => {
  const {log, lead, signal, holder, onLead} = options;
  const attempt = createAttempt(options);
  await take(options, attempt);
  if (lead.leftMs() === 0) return !signal.aborted;
  log.info('leading', holder);
  const working = onLead();
  const why = await keep(options, attempt);
  if (why === undefined) {
    await handOver(options, working);
    return false;
  }
  lead.end();
  log.error('lead lost', {...holder, why});
  return true;
};

/** Resolves when the lead is ours, or the signal is aborted. */
const take = async ({clock, signal, lead, log}: LeaseOptions, attempt: Attempt): Promise<void> => {
  while (!signal.aborted) {
    const outcome = await attempt().catch(thrown => log.debug('lease not read', {error: messageOf(thrown)}));
    if (outcome?.isOurs) return lead.renewed(outcome.sentMs);
    await sleep(clock, outcome ? Math.min(LOOK_MS, outcome.freeInMs) : RETRY_MS, signal);
  }
};

/** Renews until the lead is lost and answers why, or until the signal. */
const keep = async (options: LeaseOptions, attempt: Attempt): Promise<string | undefined> => {
  const {clock, signal, lead, log} = options;
  for (;;) {
    await sleep(clock, Math.min(RETRY_MS, lead.leftMs()), signal);
    if (signal.aborted) return undefined;
    if (lead.leftMs() === 0) return TOO_LATE;
    const renewing = attempt().catch(thrown => log.warn('lease not renewed', {error: messageOf(thrown)}));
    const outcome = await waitAtMost(clock, lead.leftMs(), renewing);
    if (lead.leftMs() === 0) return TOO_LATE;
    if (outcome?.isOurs === false) return 'another took it';
    if (outcome) lead.renewed(outcome.sentMs);
  }
};

const TOO_LATE = 'it could not be renewed in time';
const RETRY_MS = LEASE_TIMING.retrySeconds * 1000;
const LOOK_MS = LEASE_TIMING.lookSeconds * 1000;

/** What is under way ends first: no write of ours may come after the first of the next one. */
const handOver = async (options: LeaseOptions, working: Promise<void>): Promise<void> => {
  const {clock, lead, log} = options;
  const hasEnded = await waitAtMost(
    clock,
    lead.leftMs(),
    working.then(() => true),
  );
  lead.end();
  if (hasEnded) await letNextLead(options);
  else log.warn('lead not given up, it runs out', {why: 'a run has not ended'});
};

const letNextLead = (options: LeaseOptions): Promise<void> =>
  giveUp(options).catch(thrown => options.log.warn('lead not given up', {error: messageOf(thrown)}));
