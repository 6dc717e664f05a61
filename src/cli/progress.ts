import type {RecordLine} from '../domain/record.ts';
import {heldBytes} from '../domain/sample.ts';
import {MIB} from '../domain/units.ts';

/** What a run has come to, as one line; a `milestone` is also worth a line where nothing can be overwritten. */
export type Progress = {text: string; milestone: boolean};

type State = {round: number; rounds: number; step: string; target: string};

/** Follows a record and says after each of its lines how far the run is; undefined where there is nothing new to say. */
export const followProgress = (): ((line: RecordLine) => Progress | undefined) => {
  const state: State = {round: 1, rounds: 1, step: 'baseline', target: ''};
  return line => {
    const milestone = note(state, line);
    return milestone === undefined ? undefined : {text: describe(state), milestone};
  };
};

/** True for a milestone, undefined where nothing changed. */
const note = (state: State, line: RecordLine): boolean | undefined => {
  switch (line.type) {
    case 'start':
      state.rounds = line.settings.rounds.count;
      return true;
    case 'sample':
      if (line.of !== 'target') return undefined;
      state.target = `, target ${size(heldBytes(line.sample))}`;
      return false;
    case 'step':
      state.round = line.round;
      state.step = `squeezing, step ${line.step}, ${size(line.takeableBytes)} takeable`;
      return line.step === 1;
    case 'round':
      state.step = `floor ${size(line.round.floorBytes)}`;
      return true;
    default:
      return undefined;
  }
};

const describe = ({round, rounds, step, target}: State): string =>
  `${rounds > 1 ? `round ${round} of ${rounds}: ` : ''}${step}${target}`;

const size = (bytes: number | undefined): string =>
  bytes === undefined ? '?' : `${(bytes / MIB).toFixed(1)} MiB`;
