import {readFileSync} from 'node:fs';
import {setTimeout as wait} from 'node:timers/promises';
import test from 'ava';
import {startAgent} from './agent.ts';
import {buildPrograms, startTarget} from './cgroups.ts';

test.before(buildPrograms);

const MAX_CPU_SHARE = 0.02;

/** utime + stime in seconds: fields 14 and 15 of proc_pid_stat(5), in hundredths. */
const readCpuSeconds = (pid: number): number => {
  const words = readFileSync(`/proc/${pid}/stat`, 'latin1')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(words[11]) + Number(words[12])) / 100;
};

test.serial('the agent takes at most 2 % of a core while it samples at 20 Hz', async t => {
  const target = await startTarget(t, ['held-used', '--held=100Mi']);
  const agent = startAgent(t, target, {pressure: {holdSeconds: 6}, rounds: {count: 2, intervalSeconds: 600}});
  await agent.nextLine(line => line.type === 'sample');
  await wait(2000); // the baseline is over: what follows is the hold
  const pid = agent.child.pid ?? 0;
  const [cpu, started, lines] = [readCpuSeconds(pid), performance.now(), agent.countSamples()];
  await wait(4000);
  const seconds = (performance.now() - started) / 1000;
  const share = (readCpuSeconds(pid) - cpu) / seconds;
  const rate = (agent.countSamples() - lines) / seconds;
  agent.child.kill('SIGTERM');
  await agent.end();
  t.log(`${(share * 100).toFixed(2)} % of a core at ${rate.toFixed(1)} Hz`);
  t.true(rate > 18);
  t.true(share <= MAX_CPU_SHARE);
});
