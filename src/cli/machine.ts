/** What `run` and `repair` have of the machine that they work on. */
export type Machine = {
  hostname: string;
  isRoot: boolean;
  /** The file of the balloon, and whether it is there. */
  balloon: {path: string; exists: boolean};
  /** Whether stderr is a terminal, whose line can be written anew. */
  isTerminal: boolean;
  /** Starts the agent as a process of its own, in a session of its own: the terminal's Ctrl-C does not reach it. */
  startAgent: (subcommand: string | undefined, variables: Record<string, string>) => Agent;
  /** Calls back at each Ctrl-C or SIGTERM until it is cancelled. */
  onInterrupt: (callback: () => void) => () => void;
  /** Throws where the file cannot be written. */
  openFile: (file: string) => OpenFile;
};

export type OpenFile = {write: (text: string) => void; close: () => void};

export type Agent = {
  /** Its lines on stdout, to its end. */
  lines: AsyncIterable<string>;
  interrupt: () => void;
  ended: Promise<{exitCode: number | null; stderr: string}>;
};
