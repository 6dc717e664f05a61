import type {Evidence} from '../domain/evidence.ts';
import type {Failure, Report} from '../domain/report.ts';
import {mergeRounds} from '../domain/round-merge.ts';
import type {Settings} from '../domain/settings.ts';
import type {SqueezeResult} from '../domain/squeeze-result.ts';
import {encodeReport} from '../domain/termination-message.ts';
import {toWholeSeconds} from './whole-seconds.ts';
import type {World} from './world.ts';

/** Gathers what a run finds, and tells it: a report is complete at any moment, with what is known by then. */
export type Reporter = {
  /** What is not of one round: the target's age, its protection, how much of it is idle. */
  note: (evidence: Evidence) => void;
  noteRestored: (restored: boolean) => void;
  /**
   * Writes the round into the record, and the report so far as the message: a later death does not take it away. As long as
   * more may follow it does not promise that all was put back: who dies in the next round has not said so.
   */
  addRound: (result: SqueezeResult) => void;
  evidence: () => Evidence;
  finish: (failure?: Failure) => Report;
};

export const startReport = (settings: Settings, world: World): Reporter => {
  const startTime = toWholeSeconds(world.wallClock());
  const results: SqueezeResult[] = [];
  let noted: Evidence = {kernelVersion: world.machine.kernelVersion};
  let restored = true;

  const evidence = (): Evidence => ({...mergeRounds(results, settings), ...noted});
  const build = (failure?: Failure): Report => ({
    version: 1,
    podUID: settings.target.podUID,
    containerID: settings.target.containerID,
    startTime,
    endTime: toWholeSeconds(world.wallClock()),
    restored,
    ...(failure && {failure}),
    evidence: evidence(),
  });
  return {
    note: more => {
      noted = {...noted, ...more};
    },
    noteRestored: isRestored => {
      restored &&= isRestored;
    },
    addRound: result => {
      results.push(result);
      const {round} = result;
      if (round !== undefined) world.writeLine({type: 'round', time: world.wallClock().toISOString(), round});
      world.writeMessage(encodeReport({...build(), restored: false}));
    },
    evidence,
    finish: failure => {
      const report = build(failure);
      world.writeLine({type: 'report', time: world.wallClock().toISOString(), report});
      world.writeMessage(encodeReport(report));
      return report;
    },
  };
};
