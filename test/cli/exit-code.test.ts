import test from 'ava';
import {EXIT, exitCodeOfProbe} from '../../src/cli/exit-code.ts';
import {makeComplete, makeProbe} from '../helpers/made-probes.ts';

const end = (
  verdict: 'Reclaimable' | 'Leak' | 'Held' | 'Inconclusive',
  passed: 'True' | 'False' | 'Unknown',
) => makeComplete({verdict, passed, reason: 'AnyReason', message: 'any'}, undefined);

test('0 is for what passed', t => {
  t.is(exitCodeOfProbe(end('Reclaimable', 'True')), EXIT.passed);
  t.is(exitCodeOfProbe(end('Held', 'True')), EXIT.passed);
});

test('1 is for a leak', t => {
  t.is(exitCodeOfProbe(end('Leak', 'False')), EXIT.leak);
});

test('2 is for an end that proves nothing', t => {
  t.is(exitCodeOfProbe(end('Held', 'Unknown')), EXIT.notProven);
  t.is(exitCodeOfProbe(end('Inconclusive', 'Unknown')), EXIT.notProven);
});

test('3 is for no end: a probe that nobody touched, or that is under way', t => {
  t.is(exitCodeOfProbe(makeProbe(undefined)), EXIT.notComplete);
  t.is(exitCodeOfProbe(makeProbe({phase: 'Running', conditions: []})), EXIT.notComplete);
});

test('a verdict without Complete=True does not count', t => {
  const probe = end('Reclaimable', 'True');
  const conditions = probe.status?.conditions?.filter(({type}) => type !== 'Complete') ?? [];
  t.is(exitCodeOfProbe({...probe, status: {...probe.status, conditions}}), EXIT.notComplete);
});

test('a Complete without Passed proves nothing', t => {
  const probe = end('Held', 'True');
  const conditions = probe.status?.conditions?.filter(({type}) => type !== 'Passed') ?? [];
  t.is(exitCodeOfProbe({...probe, status: {...probe.status, conditions}}), EXIT.notProven);
});
