import test from 'ava';
import {parseMeminfo} from '../../src/domain/meminfo.ts';
import {KIB} from '../../src/domain/units.ts';
import {kernelText} from './kernel-text.ts';

test('a real meminfo is read in bytes', t => {
  const text = kernelText('v2-7.2/meminfo');
  const read = parseMeminfo(text);
  t.is(read.totalBytes, Number(/^MemTotal: +(\d+)/m.exec(text)?.[1]) * KIB);
  t.true((read.availableBytes ?? 0) < (read.totalBytes ?? 0));
  t.is(read.swapTotalBytes, 0);
});

test('what is not there is absent', t => {
  t.deepEqual(parseMeminfo('MemTotal:   8 kB\nMemAvailable: lots\n'), {totalBytes: 8 * KIB});
  t.deepEqual(parseMeminfo(''), {});
});
