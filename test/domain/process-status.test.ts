import test from 'ava';
import {parseAllowedCpus} from '../../src/domain/process-status.ts';

const statusWith = (list: string): string =>
  `Name:\tnode\nCpus_allowed:\t13\nCpus_allowed_list:\t${list}\nMems_allowed:\t1\n`;

test('the CPUs of a thread are a list of single ones and of ranges', t => {
  t.deepEqual(parseAllowedCpus(statusWith('0-1,4')), [0, 1, 4]);
  t.deepEqual(parseAllowedCpus(statusWith('7')), [7]);
  t.deepEqual(parseAllowedCpus(statusWith('0,2,64-66')), [0, 2, 64, 65, 66]);
});

test('a text that does not tell gives none', t => {
  for (const text of ['', statusWith(''), statusWith('0-'), 'Cpus_allowed:\t3\n'])
    t.is(parseAllowedCpus(text), undefined, text);
});
