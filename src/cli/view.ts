import type {MemoryProbeBody} from '../api/memory-probe.ts';
import {formatMebibytes, parseQuantity} from '../domain/quantity.ts';
import {usableRounds} from '../domain/series.ts';
import type {Method} from '../domain/settings.ts';
import type {Verdict} from '../domain/verdict.ts';
import {adviseLocally, adviseOn, speakLocally} from './advice.ts';
import type {CaseFile, Identity} from './case-file.ts';
import {conditionStatus, type ExitCode, exitCodeOfProbe, exitCodeOfVerdict} from './exit-code.ts';
import {type Evidence, listNumbers, type NumberRow} from './numbers.ts';

type Status = NonNullable<MemoryProbeBody['status']>;
export type Condition = NonNullable<Status['conditions']>[number];
export type CurvePoint = NonNullable<Evidence['curve']>[number];
export type FloorPoint = {floorBytes: number; time: string};

/** What `explain` and `judge` have to say, before anybody thought of lines and columns. */
export type View = Identity & {
  target: string;
  phase: string;
  /** From the first touch to the end; absent while it lasts, and in a judged file. */
  elapsedSeconds?: number;
  verdict?: string;
  reason?: string;
  message?: string;
  passed: string;
  exitCode: ExitCode;
  numbers: NumberRow[];
  curve: CurvePoint[];
  /** What the curve runs over. */
  axis: 'balloon' | 'asked for';
  /** Of the rounds that may be compared; none where there was one round only. */
  floors: FloorPoint[];
  /** Why there is no picture, where that proves something itself. */
  proof?: string;
  conditions: Condition[];
  next: readonly string[];
};

export const viewProbe = (identity: Identity, probe: MemoryProbeBody): View => {
  const status: Status = probe.status ?? {};
  const {method} = probe.spec.pressure ?? {};
  const elapsedSeconds = secondsBetween(status.startTime, status.completionTime);
  return {
    ...identity,
    target: describeTarget(probe),
    phase: status.phase ?? 'Pending',
    ...(elapsedSeconds !== undefined && {elapsedSeconds}),
    ...(status.verdict && {verdict: status.verdict}),
    ...(status.reason && {reason: status.reason}),
    ...describeMessage(status),
    passed: conditionStatus(probe, 'Passed') ?? 'Unknown',
    exitCode: exitCodeOfProbe(probe),
    numbers: status.evidence ? listNumbers(status.evidence, method, expectedBytesOf(probe)) : [],
    curve: status.evidence?.curve ?? [],
    axis: axisOf(method),
    floors: listFloors(status.evidence),
    ...describeProof(status.evidence, method),
    conditions: status.conditions ?? [],
    next: status.verdict
      ? adviseOn(status.reason ?? '')
      : [`It is not complete yet: memoryprobe wait ${identity.name} -n ${identity.namespace}`],
  };
};

/** A file that was judged again: there is a verdict and its evidence, but no object with conditions. */
export const viewVerdict = ({
  identity,
  target,
  case: judged,
  verdict,
}: CaseFile & {verdict: Verdict}): View => ({
  ...identity,
  target,
  phase: 'judged from a file',
  verdict: verdict.outcome,
  reason: verdict.reason,
  message: verdict.message,
  passed: verdict.passed,
  exitCode: exitCodeOfVerdict(verdict),
  numbers: listNumbers(judged.evidence, judged.method, judged.criteria.expectedBytes),
  curve: judged.evidence.curve ?? [],
  axis: axisOf(judged.method),
  floors: listFloors(judged.evidence),
  ...describeProof(judged.evidence, judged.method),
  conditions: [],
  next: adviseOn(verdict.reason),
});

/** A run on this machine: there was never an object, and nobody to ask but the one who ran it. */
export const viewRun = (
  judged: CaseFile & {verdict: Verdict},
  {startTime, completionTime}: Pick<Status, 'startTime' | 'completionTime'>,
  exitCode: ExitCode,
): View => {
  const elapsedSeconds = secondsBetween(startTime, completionTime);
  const view = viewVerdict(judged);
  return {
    ...view,
    numbers: view.numbers.map(row => ({...row, note: speakLocally(row.note)})),
    phase: 'Complete',
    ...(elapsedSeconds !== undefined && {elapsedSeconds}),
    exitCode,
    next: adviseLocally(judged.verdict.reason),
  };
};

const expectedBytesOf = ({spec}: MemoryProbeBody): number | undefined =>
  spec.criteria.expectedSize === undefined ? undefined : parseQuantity(spec.criteria.expectedSize);

/** Until there is a verdict, Reconciling says what is being waited for. */
const describeMessage = ({message, conditions}: Status): {message?: string} => {
  const text = message || conditions?.find(({type}) => type === 'Reconciling')?.message;
  return text ? {message: text} : {};
};

const axisOf = (method: Method | undefined): View['axis'] => (method === 'Reclaim' ? 'asked for' : 'balloon');

const listFloors = (evidence: Evidence = {}): FloorPoint[] =>
  usableRounds(evidence).map(({floorBytes, time}) => ({floorBytes, time}));

const describeProof = (
  {takeableBytes, steps, stopCause}: Evidence = {},
  method?: Method,
): {proof?: string} => {
  if (takeableBytes === undefined || steps !== 0 || stopCause !== 'Exhausted') return {};
  const without = method === 'Reclaim' ? 'nothing had to be asked for' : 'no balloon was needed';
  return {
    proof: `Pressure could have taken ${formatMebibytes(takeableBytes)}, so ${without}: all of it is held.`,
  };
};

const describeTarget = ({spec, status}: MemoryProbeBody): string => {
  const {podName, container, nodeName} = status?.target ?? {};
  const pod =
    podName ?? spec.target.podName ?? `matching ${JSON.stringify(spec.target.selector?.matchLabels)}`;
  const parts = [`pod ${pod}`, container && `container ${container}`, nodeName && `node ${nodeName}`];
  return parts.filter(Boolean).join(', ');
};

const secondsBetween = (start: string | undefined, end: string | undefined): number | undefined =>
  start === undefined || end === undefined ? undefined : (Date.parse(end) - Date.parse(start)) / 1000;
