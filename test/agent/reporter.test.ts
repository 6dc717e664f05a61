import test from 'ava';
import {startReport} from '../../src/agent/reporter.ts';
import type {World} from '../../src/agent/world.ts';
import {decodeReport} from '../../src/domain/termination-message.ts';
import {settingsFor} from './agent.ts';

/** A world that keeps the last message, as the kubelet does. */
const makeWorld = () => {
  const kept = {message: ''};
  const world = {
    machine: {kernelVersion: '6.1.0'},
    wallClock: () => new Date(0),
    writeLine: () => undefined,
    writeMessage: (message: string) => {
      kept.message = message;
    },
  } as unknown as World;
  return {world, restored: () => decodeReport(kept.message)?.restored};
};

test('between two rounds a report does not promise that all was put back: the next may die with its limit in place', t => {
  const {world, restored} = makeWorld();
  const reporter = startReport(settingsFor(), world);
  reporter.noteRestored(true);
  reporter.addRound({evidence: {}});
  t.is(restored(), false);
  reporter.finish();
  t.is(restored(), true);
});

test('what could not be put back in one round is said at the end', t => {
  const {world, restored} = makeWorld();
  const reporter = startReport(settingsFor(), world);
  reporter.noteRestored(false);
  reporter.noteRestored(true);
  reporter.finish();
  t.is(restored(), false);
});
