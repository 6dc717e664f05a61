import {randomUUID} from 'node:crypto';
import type {AddressInfo} from 'node:net';
import {LEASE_NAME} from '../api/names.ts';
import {createAccess} from '../kube/access.ts';
import {isFault} from '../kube/faults.ts';
import {fenceWrites} from '../kube/fence.ts';
import {createLead, type Lead} from '../kube/lead.ts';
import {holdLease} from '../kube/lease.ts';
import {LEASE_TIMING} from '../kube/lease-record.ts';
import {collectionPath, createResource} from '../kube/resource.ts';
import {createRest, type Rest} from '../kube/rest.ts';
import {createServerClock} from '../kube/server-clock.ts';
import {LEASES, MEMORY_PROBES} from '../kube/types.ts';
import {systemClock} from '../lib/clock.ts';
import {EXIT, messageOf, UsageError} from '../lib/exit.ts';
import {createLog, type Log} from '../lib/log.ts';
import {type Config, readConfig, readLetGoConfig, readSubcommand} from './config.ts';
import {serveHttp} from './http.ts';
import {letGo} from './let-go.ts';
import {createMetrics} from './metrics.ts';
import {createOperator, type Operator, OWN_PODS} from './operator.ts';

/** Half of the renew deadline, as in controller-runtime: one request that hangs does not lose the lead. */
const LEASE_CALL_MS = (LEASE_TIMING.renewDeadlineSeconds * 1000) / 2;

const serve = async (config: Config, log: Log, signal: AbortSignal): Promise<number> => {
  const metrics = createMetrics(config.workers);
  const access = createAccess({kubeconfig: config.kubeconfig});
  const time = createServerClock(systemClock);
  const rest = createRest({
    access,
    userAgent: 'memoryprobe-operator',
    record: metrics.recordCall,
    noteDate: time.note,
  });
  await checkInstalled(rest);
  const lead = createLead(systemClock, LEASE_TIMING.renewDeadlineSeconds);
  const operator = createOperator({
    config,
    rest: config.leaderElection ? fenceWrites(rest, lead) : rest,
    log,
    metrics,
    signal,
    clock: time.clock,
    random: Math.random,
  });
  const server = await serveHttp({
    port: config.httpPort,
    registry: metrics.registry,
    isReady: operator.isSynced,
  });
  log.info('operator started', {
    server: access.server,
    namespace: config.namespace,
    httpPort: (server.address() as AddressInfo).port,
  });
  const onLead = () => {
    metrics.setLeading(true);
    return operator.lead();
  };
  const isLost = config.leaderElection
    ? await leadWithLease({config, rest, log, signal, lead, onLead})
    : await onLead().then(() => false);
  if (isLost) return EXIT.failed;
  server.close();
  await access.close();
  return EXIT.ok;
};

type Leading = {
  config: Config;
  rest: Rest;
  log: Log;
  signal: AbortSignal;
  lead: Lead;
  onLead: Operator['lead'];
};

/** Resolves with true when the lead was lost: the process must then end, whatever is under way. */
const leadWithLease = ({config, rest, ...leading}: Leading): Promise<boolean> =>
  holdLease({
    ...leading,
    leases: createResource(rest, LEASES, LEASE_CALL_MS),
    namespace: config.namespace,
    name: LEASE_NAME,
    holder: {pod: config.identity, process: randomUUID()},
    clock: systemClock,
  });

/** A missing resource would otherwise show only as a watch that never syncs. */
const checkInstalled = async (rest: Rest): Promise<void> => {
  try {
    await rest.call({method: 'GET', path: collectionPath(MEMORY_PROBES), query: {limit: 1}});
  } catch (thrown) {
    if (isFault(thrown, 'NotFound'))
      throw new UsageError(
        'the resource memoryprobes.memoryprobe.dev is not installed: kubectl apply -f crds/',
      );
    throw thrown;
  }
};

/** Removes what a removed operator would leave: `operator.js let-go`, a hook of the chart. */
const endEverything = async (config: Config, log: Log, signal: AbortSignal): Promise<number> => {
  const letGoConfig = readLetGoConfig(process.env);
  const access = createAccess({kubeconfig: config.kubeconfig});
  await letGo({
    ...letGoConfig,
    rest: createRest({access, userAgent: 'memoryprobe-let-go'}),
    clock: systemClock,
    log,
    namespace: config.namespace,
    leaseName: LEASE_NAME,
    ownPods: OWN_PODS,
    signal,
    endProbes: until => serve({...config, isEnding: true}, log, until),
  });
  await access.close();
  return signal.aborted ? EXIT.failed : EXIT.ok;
};

const fail = (log: Log, thrown: unknown): number => {
  log.error('operator failed', {error: messageOf(thrown)});
  return thrown instanceof UsageError ? EXIT.usage : EXIT.failed;
};

/** The settings decide how to log, so their own mistakes are told at the default level. */
const start = async (): Promise<number> => {
  const stopping = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stopping.abort());
  let log = createLog('info', process.stdout);
  try {
    const run = readSubcommand(process.argv) === 'let-go' ? endEverything : serve;
    const config = readConfig(process.env);
    log = createLog(config.logLevel, process.stdout);
    return await run(config, log, stopping.signal);
  } catch (thrown) {
    return fail(log, thrown);
  }
};

process.exit(await start());
