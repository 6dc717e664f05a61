import {setTimeout as wait} from 'node:timers/promises';
import type {PressingMethod} from '../../src/domain/plan.ts';
import type {RecordLine} from '../../src/domain/record.ts';
import type {Report} from '../../src/domain/report.ts';
import {startAgent} from '../agent/agent.ts';
import {inScope} from '../agent/cgroups.ts';
import {IN_USER_MODE, IS_EMULATED, MIB} from '../balloon/pod.ts';
import {quantile} from './quantiles.ts';
import {type Request, type Served, startServed} from './served.ts';

const IS_SLOW = IN_USER_MODE || IS_EMULATED;
/** What a guest can serve, and what a machine can. */
const [FREED, PERIOD_MICROSECONDS] = IS_SLOW ? [100, 5000] : [200, 1000];
const STEP_MIB = IS_SLOW ? 8 : 16;
const HELD = '--held=32Mi';
/** Before the probe, and again after it: the better of the two, since only the machine makes a difference between them. */
const WITHOUT_MILLISECONDS = 1000;

/** 99th percentiles and largest of the answers, in microseconds, without a probe and with one. */
export type Times = {without: number; squeezed: number; probed: number; largest: number};

/** One target, served without a probe and then with one, and at the same times a bystander that no probe is about. */
export type Pair = {target: Times; bystander: Times; report: Report | undefined; squeezedRequests: number};

/** What the probe takes was freed lazily; nothing that a request needs is taken. */
const measurePair = (bystander: Served, method: PressingMethod): Promise<Pair> =>
  inScope(async scope => {
    const served = await startServed(
      scope,
      ['lazily-freed', `--freed=${FREED}Mi`, HELD],
      PERIOD_MICROSECONDS,
    );
    const before = await watchBoth(served, bystander);
    const pressure = {method, stepSizeBytes: STEP_MIB * MIB};
    const {report, lines} = await startAgent(scope, served.target, {pressure}).end();
    const probed = await collectBoth(served, bystander);
    const after = await watchBoth(served, bystander);
    const summarize = (of: 'target' | 'bystander'): Times => ({
      without: Math.min(percentile(before[of]), percentile(after[of])),
      squeezed: percentile(duringSqueeze(probed[of], lines)),
      probed: percentile(probed[of]),
      largest: Math.max(...probed[of].map(({tookMicroseconds}) => tookMicroseconds)),
    });
    return {
      target: summarize('target'),
      bystander: summarize('bystander'),
      report,
      squeezedRequests: duringSqueeze(probed.target, lines).length,
    };
  });

/** So many, one after the other, beside one bystander. */
export const measurePairs = (method: PressingMethod, count: number): Promise<Pair[]> =>
  inScope(async scope => {
    const bystander = await startServed(scope, ['held-idle', HELD], PERIOD_MICROSECONDS);
    const pairs: Pair[] = [];
    while (pairs.length < count) pairs.push(await measurePair(bystander, method));
    return pairs;
  });

const collectBoth = async (served: Served, bystander: Served) => ({
  target: await served.collect(),
  bystander: await bystander.collect(),
});

const watchBoth = async (served: Served, bystander: Served) => {
  await collectBoth(served, bystander);
  await wait(WITHOUT_MILLISECONDS);
  return collectBoth(served, bystander);
};

const percentile = (requests: Request[]): number =>
  quantile(
    requests.map(({tookMicroseconds}) => tookMicroseconds),
    0.99,
  );

/** From the beginning of the first step to the end of the last. */
const duringSqueeze = (requests: Request[], lines: RecordLine[]): Request[] => {
  const steps = lines.filter(line => line.type === 'step');
  const [first, last] = [steps[0], steps.at(-1)];
  if (first === undefined || last === undefined) return [];
  const from = Date.parse(first.time) - (first.durationMicroseconds ?? 0) / 1000;
  const to = Date.parse(last.time);
  return requests.filter(({dueMilliseconds}) => dueMilliseconds >= from && dueMilliseconds <= to);
};
