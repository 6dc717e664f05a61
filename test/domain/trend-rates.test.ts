import test from 'ava';
import {firstLookRounds} from '../../src/domain/series.ts';
import {examine, makeChance, measureRates, SIGNALS} from './signals.ts';

const COUNTS = [8, 12, 20, 32];
const RUNS = 300;
/** An error of 1 % is found so often by chance in 300 runs. */
const MAX_RATE = 0.025;

for (const signal of SIGNALS.filter(({kind}) => kind === 'none'))
  test(`never a leak: ${signal.name}`, t => {
    for (const count of COUNTS) {
      const {leak} = measureRates(signal, {runs: RUNS, count});
      t.true(leak <= MAX_RATE, `${leak} of the series with ${count} floors`);
    }
  });

for (const signal of SIGNALS.filter(({perRound}) => perRound !== undefined))
  test(`a flat verdict misses no more than it says: ${signal.name}`, t => {
    for (const count of COUNTS) t.true(measureRates(signal, {runs: RUNS, count}).missed <= 0.05);
  });

for (const [name, count, least] of [
  ['leak 10 MiB a round, noise 5 MiB', 12, 0.85],
  ['leak 10 MiB a round, noise 5 MiB', 20, 0.93],
  ['leak 10 MiB a round, noise 0.5 MiB', 8, 0.93],
  ['leak 30 MiB a round, noise 5 MiB', 8, 0.93],
  ['leak 5 MiB a round, noise 5 MiB', 32, 0.9],
  ['leak 1 MiB a round, valleys read to 1 MiB', 12, 0.93],
  ['leak 1 MiB a round, valleys read to 5 MiB', 32, 0.9],
  ['leak 1 MiB a round, valleys read to 0.5 MiB, and peaks', 12, 0.75],
] as const)
  test(`found with ${count} floors: ${name}`, t => {
    const signal = SIGNALS.find(known => known.name === name);
    const leak = signal && measureRates(signal, {runs: RUNS, count}).leak;
    t.true((leak ?? 0) >= least, `${leak}`);
  });

test('a period that the window covers is no leak, wherever it begins', t => {
  for (const period of [6, 10, 16, 24])
    for (const signal of SIGNALS.filter(({name}) => name === `sawtooth, period ${period} rounds`))
      t.is(measureRates(signal, {runs: RUNS, count: Math.ceil(1.25 * period) + 2}).leak, 0);
});

test('with stopEarly the error of all looks together stays as small', t => {
  const count = 16;
  const first = firstLookRounds({count});
  const alpha = 0.01 / (count - first + 1);
  for (const signal of SIGNALS.filter(
    ({name}) => /noise \d|rho|walk/.test(name) && !/leak|warm/.test(name),
  )) {
    const chance = makeChance(5);
    const stopped = Array.from({length: RUNS}, () => {
      const floors = signal.draw(chance, count);
      return Array.from({length: count - first + 1}, (_, look) => floors.slice(0, first + look)).some(
        part => examine(part, {alpha})?.isGrowing,
      );
    });
    t.true(stopped.filter(Boolean).length / RUNS <= MAX_RATE, signal.name);
  }
});
