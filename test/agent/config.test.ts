import test from 'ava';
import {readConfig, readSettings, readSubcommand, UsageError} from '../../src/agent/config.ts';
import {settingsFor} from './agent.ts';

const MEMORYPROBE_SETTINGS = JSON.stringify(settingsFor());

test('defaults are those of the balloon pod', t => {
  t.like(readConfig({}), {
    cgroupRoot: '/sys/fs/cgroup',
    procRoot: '/proc',
    terminationLog: '/dev/termination-log',
  });
  t.false('targetCgroup' in readConfig({}));
});

test('settings come in as one JSON value', t => {
  t.deepEqual(readSettings({MEMORYPROBE_SETTINGS}), settingsFor());
});

test('a bad value is refused with a sentence that names the field and the value', t => {
  const settings = settingsFor();
  const broken = JSON.stringify({...settings, pressure: {...settings.pressure, stepSizeBytes: -1}});
  const refuse = (environment: Record<string, string>) => () => readSettings(environment);
  t.throws(refuse({MEMORYPROBE_SETTINGS: broken}), {
    instanceOf: UsageError,
    message: /pressure\.stepSizeBytes is -1/,
  });
  t.throws(refuse({MEMORYPROBE_SETTINGS: '{"version"'}), {
    instanceOf: UsageError,
    message: /is not JSON: \{"version"/,
  });
  t.throws(refuse({}), {instanceOf: UsageError, message: /MEMORYPROBE_SETTINGS is not set/});
  t.throws(() => readConfig({TARGET_CGROUP: 'a/b'}), {
    instanceOf: UsageError,
    message: /"a\/b": give the absolute/,
  });
});

test('settings of another version are refused', t => {
  const later = JSON.stringify({...settingsFor(), version: 2});
  t.throws(() => readSettings({MEMORYPROBE_SETTINGS: later}), {message: /version is 2, this agent knows 1/});
});

test('there is one subcommand', t => {
  t.is(readSubcommand(['node', 'main']), undefined);
  t.is(readSubcommand(['node', 'main', 'repair']), 'repair');
  t.throws(() => readSubcommand(['node', 'main', 'heal']), {
    instanceOf: UsageError,
    message: /"heal" is no subcommand/,
  });
});
