import {drawCurve} from './curve.ts';
import {drawFloors} from './floors.ts';
import type {NumberRow} from './numbers.ts';
import type {Condition, View} from './view.ts';

const WIDTH = 100;

/** The view as text for a terminal: no colours, so that it can be pasted into a ticket. */
export const renderView = (view: View): string => {
  const sections = [
    renderHead(view),
    renderSection('Numbers', renderNumbers(view.numbers)),
    renderSection('Proof', [
      ...drawCurve(view.curve, view.axis),
      ...(view.proof ? wrap(view.proof, WIDTH) : []),
    ]),
    renderSection('Rounds', drawFloors(view.floors)),
    renderSection('Conditions', renderConditions(view.conditions)),
    renderSection(
      'Next',
      view.next.flatMap(sentence => bullet(sentence)),
    ),
  ];
  return `${sections
    .filter(lines => lines.length > 0)
    .map(lines => lines.join('\n'))
    .join('\n\n')}\n`;
};

const renderHead = (view: View): string[] => {
  const {namespace, name, phase, elapsedSeconds, verdict, reason, message, passed, target} = view;
  const elapsed = elapsedSeconds === undefined ? '' : ` after ${elapsedSeconds} s`;
  return [
    `MemoryProbe ${namespace}/${name}: ${phase}${elapsed}`,
    `  target   ${target}`,
    ...(verdict ? [`  verdict  ${verdict} (${reason}), Passed=${passed}`] : []),
    ...(message ? wrap(message, WIDTH - 11).map(line => `           ${line}`) : []),
  ];
};

const renderSection = (title: string, lines: string[]): string[] =>
  lines.length === 0 ? [] : [title, ...lines.map(line => `  ${line}`.trimEnd())];

const renderNumbers = (numbers: readonly NumberRow[]): string[] => {
  const label = widest(numbers.map(row => row.label));
  const value = widest(numbers.map(row => row.value));
  return numbers.map(row => `${row.label.padEnd(label)}  ${row.value.padStart(value)}  ${row.note}`);
};

const renderConditions = (conditions: readonly Condition[]): string[] => {
  const [type, status] = [
    widest(conditions.map(item => item.type)),
    widest(conditions.map(item => item.status)),
  ];
  return conditions.map(item => `${item.type.padEnd(type)}  ${item.status.padEnd(status)}  ${item.reason}`);
};

const bullet = (sentence: string): string[] =>
  wrap(sentence, WIDTH - 4).map((line, index) => `${index === 0 ? '- ' : '  '}${line}`);

const widest = (texts: readonly string[]): number => Math.max(0, ...texts.map(text => text.length));

const wrap = (text: string, width: number): string[] =>
  (text.match(new RegExp(`\\S.{0,${width - 1}}(?=\\s|$)|\\S+`, 'g')) ?? []).map(line => line.trimEnd());
