/** CPU that the agent takes while it samples at 20 Hz: a long hold, looked at from outside. */
import {kubectl, type NodeKind, onNode, waitFor} from '../../test/helpers/cluster.ts';
import {listBalloonPids} from '../../test/helpers/node-state.ts';
import {applyProbe, runWorkload} from '../../test/helpers/probe.ts';

/** USER_HZ of every Linux that Node runs on: /proc/PID/stat counts in it. */
const TICKS_PER_SECOND = 100;

const readCpuTicks = async (node: NodeKind, pid: number): Promise<number> => {
  const stat = await onNode(node, `cat /proc/${pid}/stat`);
  // 26 (node) S 1 ... : utime and stime are the 12th and 13th fields behind the name.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
};

const findAgent = (node: NodeKind): Promise<number> =>
  waitFor('the agent to run', async () => {
    const [balloon] = await listBalloonPids(node);
    if (balloon === undefined) return undefined;
    const pids = await onNode(node, 'pgrep -f /app/agent.js');
    return Number(pids.split('\n')[0]) || undefined;
  });

/** Percent of one core over `seconds` of a hold. */
export const measureAgentCpu = async (
  namespace: string,
  node: NodeKind,
  seconds: number,
): Promise<number> => {
  await runWorkload({namespace, name: 'target', node, args: ['lazily-freed', '--freed=50Mi', '--held=46Mi']});
  // Two rounds: with one the hold ends as soon as three reads agree.
  await applyProbe(namespace, 'probe', {
    target: {podName: 'target'},
    pressure: {holdSeconds: seconds + 10},
    rounds: {count: 2, intervalSeconds: 1},
    criteria: {idleSeconds: 0},
  });
  const agent = await findAgent(node);
  // Baseline and squeeze are over when the balloon is released: its worker then holds next to nothing.
  await new Promise(resolve => setTimeout(resolve, 4000));
  const before = await readCpuTicks(node, agent);
  await new Promise(resolve => setTimeout(resolve, seconds * 1000));
  const after = await readCpuTicks(node, agent);
  await kubectl(['-n', namespace, 'delete', 'memoryprobe', 'probe', '--wait=true']);
  return ((after - before) / TICKS_PER_SECOND / seconds) * 100;
};
