import {usableRounds} from '../../src/domain/series.ts';
import {MIB} from '../../src/domain/units.ts';
import type {Result} from './result.ts';
import {KINDS, leaks} from './targets.ts';

export type MachineResults = {machine: string; results: readonly Result[]};

/** A verdict that somebody would look for a leak for, where there is none. */
export const isFalseLeak = ({plan, verdict}: Result): boolean =>
  verdict?.outcome === 'Leak' && !leaks(plan.kind);

/** A leak, and found: as growth of the floor, not by any other rule. */
export const isFoundLeak = ({plan, verdict}: Result): boolean =>
  verdict?.reason === 'FloorGrows' && leaks(plan.kind);

/** A pass for what leaks. */
export const isFalsePass = ({plan, verdict}: Result): boolean =>
  verdict?.passed === 'True' && leaks(plan.kind);

/** What came of each kind on each machine, then of each target. */
export const renderRounds = (machines: readonly MachineResults[]): string =>
  [
    '# Rounds: leaks under a sawtooth, and what only looks like one',
    '',
    ...machines.flatMap(renderMachine),
  ].join('\n');

const renderMachine = ({machine, results}: MachineResults): string[] => [
  `## ${machine}`,
  '',
  '| targets | number | Leak | Held | Inconclusive |',
  '| --- | --- | --- | --- | --- |',
  ...KINDS.flatMap(kind =>
    renderKind(
      kind,
      results.filter(({plan}) => plan.kind === kind),
    ),
  ),
  '',
  '| target | method | options | verdict | floors, MiB (in brackets: not compared) | s |',
  '| --- | --- | --- | --- | --- | --- |',
  ...results.map(renderResult),
  '',
];

const renderKind = (kind: string, results: readonly Result[]): string[] => {
  const count = (outcome: string): number =>
    results.filter(({verdict}) => (verdict?.outcome ?? 'Inconclusive') === outcome).length;
  return results.length === 0
    ? []
    : [`| ${[kind, results.length, count('Leak'), count('Held'), count('Inconclusive')].join(' | ')} |`];
};

const renderResult = ({plan, verdict, evidence, seconds}: Result): string => {
  const usable = evidence ? usableRounds(evidence) : [];
  const floors = (evidence?.rounds ?? []).map(round => {
    const floor = (round.floorBytes / MIB).toFixed(1);
    return usable.includes(round) ? floor : `(${floor})`;
  });
  const [, ...options] = plan.options;
  return `| ${[plan.name, plan.method, options.join(' '), `${verdict?.outcome} ${verdict?.reason}`, floors.join(' '), seconds].join(' | ')} |`;
};
