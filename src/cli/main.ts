#!/usr/bin/env node
import {closeSync, existsSync, openSync, writeSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {homedir, hostname} from 'node:os';
import process, {getuid, stderr, stdin, stdout} from 'node:process';
import {text} from 'node:stream/consumers';
import {systemClock} from '../lib/clock.ts';
import {startAgentProcess} from './agent-process.ts';
import {connect} from './cluster.ts';
import {buildAgentEnvironment, findKubeconfigs, findPrograms, readArguments, readVersion} from './config.ts';
import {run} from './program.ts';

const version = readVersion();
const means = {clock: systemClock, random: Math.random, userAgent: `memoryprobe/${version}`};
const {name, args} = readArguments();
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** A Ctrl-Z is not obeyed during a run: an agent that nobody reads stands still, with its target under pressure. */
const stayAwake = (): void =>
  void stderr.write('memoryprobe: not while something is pressed: Ctrl-C ends it\n');
const programs = findPrograms(import.meta);

process.exitCode = await run(name, args, {
  version,
  stdout: output => void stdout.write(output),
  stderr: output => void stderr.write(output),
  clock: systemClock,
  readText: file => (file === '-' ? text(stdin) : readFile(file, 'utf8')),
  connect: ({kubeconfig, context}) =>
    connect(
      {kubeconfig: findKubeconfigs({flag: kubeconfig, home: homedir(), exists: existsSync}), context},
      means,
    ),
  machine: {
    hostname: hostname(),
    isRoot: getuid?.() === 0,
    balloon: {path: programs.balloon, exists: existsSync(programs.balloon)},
    isTerminal: stderr.isTTY === true,
    startAgent: (subcommand, variables) =>
      startAgentProcess(programs.agent, subcommand, buildAgentEnvironment(programs.balloon, variables)),
    onInterrupt: callback => {
      for (const signal of SIGNALS) process.on(signal, callback);
      process.on('SIGTSTP', stayAwake);
      return () => {
        for (const signal of SIGNALS) process.off(signal, callback);
        process.off('SIGTSTP', stayAwake);
      };
    },
    openFile: file => {
      const descriptor = openSync(file, 'w');
      return {write: output => void writeSync(descriptor, output), close: () => closeSync(descriptor)};
    },
  },
});
