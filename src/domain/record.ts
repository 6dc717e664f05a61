import type {Round} from './evidence.ts';
import type {Report} from './report.ts';
import {isReport} from './report-shape.ts';
import type {Sample} from './sample.ts';
import type {Settings} from './settings.ts';

/** When a line was written: RFC 3339 with milliseconds. */
type Stamped = {time: string};

/** The agent's JSON lines: the full record, from which the verdict can be computed again, anywhere, later. */
export type StartLine = Stamped & {
  type: 'start';
  settings: Settings;
  cgroupVersion: 1 | 2;
  kernelVersion: string;
  cpus: number;
  pageSizeBytes: number;
};
export type SampleLine = Stamped & {type: 'sample'; of: 'target' | 'pod' | 'node'; sample: Sample};
export type StepLine = Stamped & {
  type: 'step';
  round: number;
  step: number;
  /** With method Reclaim what the kernel was asked for so far. */
  inflatedBytes: number;
  targetBytes?: number;
  takeableBytes?: number;
  durationMicroseconds?: number;
  /** What the balloon answered, where it was not simply `inflated`. */
  answer?: string;
};
export type RoundLine = Stamped & {type: 'round'; round: Round};
export type ReportLine = Stamped & {type: 'report'; report: Report};
export type RecordLine = StartLine | SampleLine | StepLine | RoundLine | ReportLine;

/** One line, its newline included. */
export const encodeLine = (line: RecordLine): string => `${JSON.stringify(line)}\n`;

/**
 * Undefined for anything that is no line of a record: logs are mixed in, and lines are cut. A report is looked at field
 * by field, since a verdict may be computed from it; the others by what their readers rely on.
 */
export const parseLine = (text: string): RecordLine | undefined => {
  const value = parseObject(text);
  if (!value || typeof value.time !== 'string') return undefined;
  const isWhole = SHAPES.get(value.type)?.(value) ?? false;
  return isWhole ? (value as RecordLine) : undefined;
};

const SHAPES = new Map<unknown, (value: Record<string, unknown>) => boolean>([
  [
    'start',
    ({settings}) =>
      isObject(settings) &&
      ['probe', 'target', 'pressure', 'criteria', 'rounds'].every(section => isObject(settings[section])),
  ],
  ['sample', ({sample}) => isObject(sample) && typeof sample.timeMilliseconds === 'number'],
  [
    'step',
    ({round, step, inflatedBytes}) =>
      [round, step, inflatedBytes].every(number => typeof number === 'number'),
  ],
  ['round', ({round}) => isObject(round) && typeof round.floorBytes === 'number'],
  ['report', ({report}) => isReport(report)],
]);

const parseObject = (text: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
