import type {Evidence, Round} from './evidence.ts';
import {pickEvenly} from './pick-evenly.ts';
import type {Report} from './report.ts';

/** Leaves something out of a report that is too long for the termination message. */
export type Cut = (report: Report) => Report;

const withEvidence = (report: Report, change: (evidence: Evidence) => Evidence): Report => ({
  ...report,
  evidence: change(report.evidence),
});

/** The first and the last point always stay: they are the proof, the others its picture. */
const thinCurve =
  (points: number): Cut =>
  report =>
    withEvidence(report, ({curve, ...rest}) => ({
      ...rest,
      ...(curve && {curve: pickEvenly(curve, points)}),
    }));

const dropFromRounds =
  (...names: ('kernelBytes' | 'shmemBytes')[]): Cut =>
  report =>
    withEvidence(thinCurve(2)(report), ({rounds, ...rest}) => ({
      ...rest,
      ...(rounds && {
        rounds: rounds.map(round =>
          names.reduce<Round>((kept, name) => {
            const {[name]: _, ...others} = kept;
            return others;
          }, round),
        ),
      }),
    }));

const trimFailure =
  (length: number): Cut =>
  report => {
    const thin = dropFromRounds('kernelBytes', 'shmemBytes')(report);
    return thin.failure
      ? {...thin, failure: {...thin.failure, message: cutText(thin.failure.message, length)}}
      : thin;
  };

/** Whole characters only: half of a surrogate pair is no text. */
const cutText = (text: string, length: number): string => [...text].slice(0, length).join('');

/** What is left for texts that no kernel and no runtime ever printed; the numbers stay. */
export const strip: Cut = report =>
  withEvidence(trimFailure(64)(report), ({kernelVersion: _, stopGuard: __, ...rest}) => rest);

/** From nothing left out to the most that may be, in this order. */
export const CUTS: readonly Cut[] = [
  report => report,
  ...[16, 8, 4, 2].map(thinCurve),
  dropFromRounds('kernelBytes'),
  dropFromRounds('kernelBytes', 'shmemBytes'),
  ...[1024, 512, 256, 128, 64].map(trimFailure),
];
