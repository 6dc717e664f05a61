import {setTimeout as wait} from 'node:timers/promises';
import test from 'ava';
import type {World} from '../../src/cli/command.ts';
import type {OpenFile} from '../../src/cli/machine.ts';
import {recordRun} from '../../src/cli/run-record.ts';
import {makeSettings} from '../domain/settings.ts';
import {NO_MACHINE} from '../helpers/no-machine.ts';

/** An agent that says one line after another until it is told to stop, then the last one. */
const startFake = () => {
  const seen = {interrupts: 0, readToEnd: false};
  const lines = async function* () {
    for (let said = 0; said < 100 && seen.interrupts === 0; said += 1) {
      yield '{}';
      await wait(0);
    }
    yield '{}';
    seen.readToEnd = true;
  };
  const machine = {
    ...NO_MACHINE,
    onInterrupt: () => () => undefined,
    startAgent: () => ({
      lines: lines(),
      interrupt: () => {
        seen.interrupts += 1;
      },
      ended: Promise.resolve({exitCode: 0, stderr: ''}),
    }),
  };
  const world = {machine, stderr: () => undefined, clock: {monotonic: () => 0}} as unknown as World;
  return {seen, run: (record: OpenFile) => recordRun(world, {settings: makeSettings(), target: {}, record})};
};

test('a record that cannot be written tells the agent to stop once, and its lines are read to their end', async t => {
  const {seen, run} = startFake();
  let written = 0;
  const write = () => {
    written += 1;
    if (written === 3) throw new Error('ENOSPC: no space left on device');
  };
  await t.throwsAsync(run({write, close: () => undefined}), {message: /could not be written: ENOSPC/});
  t.deepEqual(seen, {interrupts: 1, readToEnd: true});
  t.is(written, 3);
});

test('a record that can be written holds every line', async t => {
  const {seen, run} = startFake();
  const texts: string[] = [];
  await run({write: text => void texts.push(text), close: () => undefined});
  t.deepEqual(seen, {interrupts: 0, readToEnd: true});
  t.is(texts.length, 101);
});
