import type {Machine} from '../../src/cli/machine.ts';

const refuse = (): never => {
  throw new Error('this command must not touch the machine');
};

/** For commands that only talk to a cluster or read a file. */
export const NO_MACHINE: Machine = {
  hostname: 'nowhere',
  isRoot: false,
  balloon: {path: '/nowhere/balloon', exists: false},
  isTerminal: false,
  startAgent: refuse,
  onInterrupt: refuse,
  openFile: refuse,
};
