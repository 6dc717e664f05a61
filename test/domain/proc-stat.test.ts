import test from 'ava';
import {parseProgram, parseStartSeconds, parseUptimeSeconds} from '../../src/domain/proc-stat.ts';
import {kernelText} from './kernel-text.ts';

test('the start time of a real process is its 22nd field', t => {
  const text = kernelText('v1-6.18/stat');
  t.is(parseStartSeconds(text), Number(text.split(' ')[21]) / 100);
});

test('spaces and parentheses in the command do not move the fields', t => {
  const words = Array.from({length: 19}, (_, index) => index).join(' ');
  t.is(parseStartSeconds(`17 (a) b (c) S ${words.slice(2)} 4200 0`), 42);
});

test('a line that is cut off has no start time', t => {
  t.is(parseStartSeconds('17 (cat) S 1 2 3'), undefined);
  t.is(parseStartSeconds(''), undefined);
});

test('a program is told by where its code and its stack lie: fields 26 to 28', t => {
  const text = kernelText('v1-6.18/stat');
  t.is(parseProgram(text), text.split(' ').slice(25, 28).join(':'));
  t.is(parseProgram('17 (cat) S 1 2 3'), '::');
});

test('uptime is its first number', t => {
  t.is(parseUptimeSeconds('82345.12 160034.55\n'), 82345.12);
  t.is(parseUptimeSeconds('soon'), undefined);
});
