import * as yaml from 'js-yaml';
import {decodeSpec} from '../api/decode.ts';
import type {MemoryProbeBody} from '../api/memory-probe.ts';
import {KIND} from '../api/names.ts';
import {buildCase} from '../domain/judge.ts';
import {parseLine, type RecordLine, type ReportLine, type StartLine} from '../domain/record.ts';
import type {Report} from '../domain/report.ts';
import {isEvidence} from '../domain/report-shape.ts';
import type {Settings, TargetIdentity} from '../domain/settings.ts';
import {type Case, FAILURE_REASONS} from '../domain/verdict.ts';
import {messageOf, UsageError} from '../lib/exit.ts';

export type Identity = {namespace: string; name: string};

/** What a file says about one probe: enough to judge it again. */
export type CaseFile = {identity: Identity; target: string; case: Case};

/** Reads the agent's JSON lines, or a MemoryProbe as YAML or JSON. Throws UsageError. */
export const parseCaseFile = (text: string): CaseFile => {
  const lines = text.split('\n').map(parseLine);
  return lines.some(line => line !== undefined)
    ? readRecord(lines.filter(line => line !== undefined))
    : readProbe(parseYaml(text));
};

const readRecord = (lines: RecordLine[]): CaseFile => {
  const start = lines.find((line): line is StartLine => line.type === 'start');
  if (!start)
    throw new UsageError('the record has no line of type "start", so nothing is known of its settings');
  return buildRecordCase(start.settings, lines);
};

/** The case of a record whose settings are known. A long probe writes a report after each round: the last one counts. */
export const buildRecordCase = (settings: Settings, lines: RecordLine[]): CaseFile => {
  const last = lines.findLast((line): line is ReportLine => line.type === 'report');
  const {probe, target} = settings;
  return {
    identity: {namespace: probe.namespace, name: probe.name},
    target: describeTarget(target),
    case: buildCase(settings, last?.report ?? describeCut(lines)),
  };
};

const describeTarget = ({local, podName, container, nodeName}: TargetIdentity): string =>
  `${local ?? `pod ${podName}, container ${container}`}, node ${nodeName}`;

/** A record that was cut off in the middle: nothing is proven, as where the operator finds no report. */
const describeCut = (lines: RecordLine[]): Pick<Report, 'evidence' | 'failure'> => {
  const rounds = lines.filter(line => line.type === 'round').map(({round}) => round);
  return {
    evidence: rounds.length === 0 ? {} : {rounds},
    failure: {
      reason: 'ReportMissing',
      message: `the record has no line of type "report": the agent did not come to an end (rounds done: ${rounds.length})`,
    },
  };
};

const parseYaml = (text: string): unknown => {
  try {
    return yaml.load(text);
  } catch (error) {
    throw new UsageError(`neither a record of an agent nor YAML: ${messageOf(error)}`);
  }
};

const readProbe = (value: unknown): CaseFile => {
  const probe = value as (MemoryProbeBody & {metadata?: Partial<Identity>}) | undefined;
  if (typeof probe !== 'object' || probe?.kind !== KIND)
    throw new UsageError(
      `kind is ${JSON.stringify(probe?.kind)}: give a ${KIND}, or the JSON lines of its agent`,
    );
  const {status, spec, metadata} = probe;
  if (!status?.verdict) throw new UsageError(`status.verdict is not set: this ${KIND} is not complete`);
  const evidence: unknown = status.evidence ?? {};
  if (!isEvidence(evidence))
    throw new UsageError(
      `status.evidence is none of this version: give the ${KIND} as the API server has it, or the JSON lines of its agent`,
    );
  const {podName = '', container = '', nodeName = ''} = status.target ?? {};
  const failed = FAILURE_REASONS.find(reason => reason === status.reason);
  return {
    identity: {namespace: metadata?.namespace ?? 'default', name: metadata?.name ?? 'unnamed'},
    target: `pod ${podName}, container ${container}, node ${nodeName}`,
    case: buildCase(decodeSpec(spec), {
      evidence,
      ...(failed && {failure: {reason: failed, message: status.message ?? ''}}),
    }),
  };
};
