/**
 * `make test-failover`: the leading operator is killed with signal 9 during each of RUNS probes, at a random moment, its
 * process alone or with its pod. The oracle is a watch on every balloon pod that there is. Environment: RUNS (20), SEED
 * (random, printed), NODES as for cluster-up. Ends with 1 where a probe had more than one balloon pod or no verdict.
 */
import {randomInt} from 'node:crypto';
import {createAccess} from '../src/kube/access.ts';
import {createRest} from '../src/kube/rest.ts';
import {killDuringProbe} from '../test/cluster/failover.ts';
import {drawKills, type Kill} from '../test/cluster/kill-leader.ts';
import {type BalloonLedger, followBalloons} from '../test/helpers/balloon-ledger.ts';
import {
  inNamespace,
  KUBECONFIG,
  NODE_KINDS,
  type NodeKind,
  OPERATOR_NAMESPACE,
} from '../test/helpers/cluster.ts';
import {describeSpread} from './bench/statistics.ts';
import {readNumber} from './read-number.ts';

const RUNS = readNumber('RUNS', 20);
const SEED = readNumber('SEED', randomInt(2 ** 31));
const nodes = NODE_KINDS.filter(node => (process.env.NODES ?? 'native').split(' ').includes(node));

const takenOver: Record<'process' | 'pod', number[]> = {process: [], pod: []};
const faults: string[] = [];

const run = async (number: number, kill: Kill, ledger: BalloonLedger): Promise<void> => {
  const node = nodes[number % nodes.length] as NodeKind;
  const victim = kill.ofPod ? 'pod' : 'process';
  await inNamespace('failover', async namespace => {
    const end = await killDuringProbe(namespace, node, kill, ledger);
    const seconds = end.takenOverMilliseconds / 1000;
    takenOver[victim].push(seconds);
    console.log(
      `${number}: ${victim} killed after ${(kill.afterMilliseconds / 1000).toFixed(1)} s, another led ${seconds.toFixed(1)} s later; ` +
        `${node} node: ${end.verdict}, ${end.balloons} balloon pod(s)`,
    );
    if (end.verdict !== 'Reclaimable') faults.push(`run ${number}: ${end.verdict}, ${end.message}`);
    if (end.balloons !== 1) faults.push(`run ${number}: ${end.balloons} balloon pods`);
  });
};

const access = createAccess({kubeconfig: KUBECONFIG});
const ledger = followBalloons(createRest({access, userAgent: 'test-failover'}), OPERATOR_NAMESPACE);
console.log(`seed ${SEED}, ${RUNS} kills`);
for (const [index, kill] of drawKills(RUNS, SEED).entries())
  await run(index + 1, kill, ledger).catch(thrown => faults.push(`run ${index + 1}: ${thrown}`));
await ledger.stop();
await access.close();
faults.push(...ledger.overlaps());
for (const [victim, seconds] of Object.entries(takenOver))
  if (seconds.length > 0)
    console.log(`taken over after the kill of a ${victim}: ${describeSpread(seconds, 's', 1)}`);
for (const fault of faults) console.log(`FAULT ${fault}`);
console.log(`${RUNS} kills, seed ${SEED}: ${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;
