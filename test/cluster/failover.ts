import type {BalloonLedger} from '../helpers/balloon-ledger.ts';
import type {NodeKind} from '../helpers/cluster.ts';
import {applyProbe, runWorkload, waitComplete} from '../helpers/probe.ts';
import {awaitPair, awaitSuccessor, type Kill, killLeader} from './kill-leader.ts';

export type Failover = {
  verdict: string;
  message: string;
  /** Balloon pods that the probe had in all. */
  balloons: number;
  /** From the kill until another process led. */
  takenOverMilliseconds: number;
};

/** Small steps with a pause between: a squeeze of some seconds, on a target that freed 200 MiB. */
export const startSlowProbe = async (namespace: string, node: NodeKind): Promise<void> => {
  await runWorkload({
    namespace,
    name: 'target',
    node,
    args: ['lazily-freed', '--freed=200Mi', '--held=20Mi'],
  });
  await applyProbe(namespace, 'probe', {
    target: {podName: 'target'},
    pressure: {stepSize: '8Mi', stepIntervalMilliseconds: 150},
    criteria: {idleSeconds: 0},
  });
};

/** One probe in a namespace of its own, during which the leader is killed at the given moment. */
export const killDuringProbe = async (
  namespace: string,
  node: NodeKind,
  kill: Kill,
  ledger: BalloonLedger,
): Promise<Failover> => {
  await awaitPair();
  await startSlowProbe(namespace, node);
  await new Promise(resolve => setTimeout(resolve, kill.afterMilliseconds));
  const holder = await killLeader(kill);
  const [takenOverMilliseconds, {metadata, status}] = await Promise.all([
    awaitSuccessor(holder),
    waitComplete(namespace, 'probe', 90),
  ]);
  return {
    verdict: `${status?.verdict}`,
    message: status?.message ?? '',
    balloons: ledger.podsOf(metadata.uid).length,
    takenOverMilliseconds,
  };
};
