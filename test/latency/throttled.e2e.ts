import {execFileSync} from 'node:child_process';
import path from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import test from 'ava';
import {startAgent} from '../agent/agent.ts';
import {buildPrograms} from '../agent/cgroups.ts';
import {IN_USER_MODE} from '../balloon/pod.ts';
import {limitCpu, type Throttled} from './cpu-limit.ts';
import {AS_EVERYBODY, startServed} from './served.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
/** limits.cpu: 100m, of which the requests use about half. */
const CPUS = 0.1;
const [FREED, PERIOD_MICROSECONDS] = IN_USER_MODE ? ['40Mi', 60_000] : ['150Mi', 5000];
const WITHOUT_MILLISECONDS = 3000;
/** How much longer than without a probe it may be kept from its CPU, of each second. */
const MOST_MILLISECONDS_PER_SECOND = 100;

test.before(() => {
  buildPrograms();
  execFileSync('make', ['--silent', 'latency-programs'], {cwd: ROOT});
});

type Rates = Throttled & {seconds: number};

const measure = async (read: () => Throttled, during: () => Promise<unknown>): Promise<Rates> => {
  const [from, started] = [read(), performance.now()];
  await during();
  const [to, seconds] = [read(), (performance.now() - started) / 1000];
  return {times: to.times - from.times, milliseconds: to.milliseconds - from.milliseconds, seconds};
};

const perSecond = ({milliseconds, seconds}: Rates): number => milliseconds / seconds;

const describe = (rates: Rates): string =>
  `${perSecond(rates).toFixed(0)} ms a second, ${rates.times} times in ${rates.seconds.toFixed(1)} s`;

test('a target with a CPU limit of 100m is throttled no more while it is probed', async t => {
  const served = await startServed(
    t,
    ['lazily-freed', `--freed=${FREED}`, '--held=16Mi'],
    PERIOD_MICROSECONDS,
    AS_EVERYBODY,
  );
  const {read} = limitCpu(t, served.target, CPUS);
  const without = await measure(read, () => wait(WITHOUT_MILLISECONDS));
  const probed = await measure(read, async () => {
    const {report} = await startAgent(t, served.target).end();
    t.is(report?.evidence.stopCause, 'Exhausted');
  });
  t.log(`throttled without a probe ${describe(without)}; with one ${describe(probed)}`);
  t.true(perSecond(probed) <= perSecond(without) + MOST_MILLISECONDS_PER_SECOND);
});
