import test from 'ava';
import {listWrites, measureRest, readAuditLines} from '../../scripts/bench/rest.ts';
import {inNamespace} from '../helpers/cluster.ts';
import {assertNothingLeft} from '../helpers/node-state.ts';
import {runProbe, runWorkload} from '../helpers/probe.ts';
import {awaitPair} from './kill-leader.ts';

const WATCHED_SECONDS = 15;

test('a probe costs at most 12 API writes', t =>
  inNamespace('writes', async namespace => {
    await awaitPair();
    await runWorkload({namespace, name: 'target', node: 'native', args: ['lazily-freed', '--freed=50Mi']});
    const before = readAuditLines().length;
    await runProbe(namespace, 'probe', {target: {podName: 'target'}, criteria: {idleSeconds: 0}});
    await assertNothingLeft(t, 'native');
    const writes = listWrites(readAuditLines().slice(before));
    t.true(writes.length > 0 && writes.length <= 12, writes.join('\n'));
    t.log(`${writes.length} writes`);
  }));

test('at rest leader and follower are light, and nothing is written but the Lease', async t => {
  await awaitPair();
  const {operators, writes} = await measureRest(WATCHED_SECONDS);
  t.deepEqual(writes, []);
  t.is(operators.length, 2);
  for (const {rssMebibytes, descriptors} of operators) {
    t.log(`${rssMebibytes.toFixed(1)} MiB RSS, ${descriptors} descriptors`);
    t.true(rssMebibytes < 100, `${rssMebibytes} MiB`);
    t.true(descriptors <= 40, `${descriptors} descriptors`);
  }
});
