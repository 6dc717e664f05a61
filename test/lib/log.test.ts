import {PassThrough} from 'node:stream';
import test from 'ava';
import {createLog} from '../../src/lib/log.ts';

const linesOf = (stream: PassThrough): Record<string, unknown>[] =>
  String(stream.read() ?? '')
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line) as Record<string, unknown>);

test('a line is one JSON object with its level, message and fields', t => {
  const stream = new PassThrough();
  createLog('info', stream).with({key: 'shop/probe'}).warn('watch ended', {failures: 3});
  const [line] = linesOf(stream);
  t.like(line, {level: 'warn', message: 'watch ended', key: 'shop/probe', failures: 3});
  t.regex(String(line?.timestamp), /^\d{4}-\d\d-\d\dT.*Z$/);
});

test('what is below the level is not written', t => {
  const stream = new PassThrough();
  createLog('warn', stream).info('nothing');
  t.deepEqual(linesOf(stream), []);
});
