/** `make bench`: what is promised in figures, measured in one run on the embedded cluster. */
import {inNamespace, NODE_KINDS, type NodeKind} from '../test/helpers/cluster.ts';
import {measureAgentCpu} from './bench/agent-cpu.ts';
import {measureLatency, PARTS, type Split, wholeOf} from './bench/latency.ts';
import {measureRest} from './bench/rest.ts';
import {describeSpread} from './bench/statistics.ts';

const RUNS = Number(process.env.RUNS ?? 10);
const REST_SECONDS = 60;
const CPU_SECONDS = 10;

const nodes = NODE_KINDS.filter(node => (process.env.NODES ?? 'native').split(' ').includes(node));

const printLatency = (node: NodeKind, splits: Split[]): void => {
  console.log(`\nFrom kubectl apply to Complete, 300 MiB lazily freed, ${node} node, ${splits.length} runs:`);
  for (const part of PARTS)
    console.log(
      `  ${part.padEnd(12)} ${describeSpread(
        splits.map(split => split[part]),
        's',
      )}`,
    );
  console.log(`  ${'whole'.padEnd(12)} ${describeSpread(splits.map(wholeOf), 's')}`);
};

for (const node of nodes) {
  const splits: Split[] = [];
  for (let run = 1; run <= RUNS; run += 1) {
    await inNamespace('bench', async namespace => {
      splits.push(await measureLatency(namespace, node));
    });
    console.error(`${node} node: run ${run} of ${RUNS}`);
  }
  printLatency(node, splits);
}
for (const node of nodes)
  await inNamespace('bench', async namespace => {
    const percent = await measureAgentCpu(namespace, node, CPU_SECONDS);
    console.log(`\nAgent while sampling at 20 Hz (${node} node): ${percent.toFixed(1)} % of a core`);
  });
console.error(`the operator at rest: watching for ${REST_SECONDS} s`);
const {operators, writes} = await measureRest(REST_SECONDS);
for (const {rssMebibytes, descriptors} of operators)
  console.log(`\nOperator at rest: ${rssMebibytes.toFixed(1)} MiB RSS, ${descriptors} descriptors`);
console.log(`API writes of all in ${REST_SECONDS} s, their Lease apart: ${writes.length}`);
for (const write of writes) console.log(`  ${write}`);
