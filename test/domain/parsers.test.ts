import test from 'ava';
import fc from 'fast-check';
import {findContainerCgroup, parseProcessCgroup} from '../../src/domain/cgroup-path.ts';
import {parseMeminfo} from '../../src/domain/meminfo.ts';
import {parseMemoryLimit} from '../../src/domain/memory-limit.ts';
import {parseMemoryStat} from '../../src/domain/memory-stat.ts';
import {parseStartSeconds, parseUptimeSeconds} from '../../src/domain/proc-stat.ts';
import {parsePressure} from '../../src/domain/psi.ts';
import {parseQuantity} from '../../src/domain/quantity.ts';
import {parseLine} from '../../src/domain/record.ts';
import {buildSample} from '../../src/domain/sample.ts';
import {parseSmaps, parseSmapsRollup} from '../../src/domain/smaps.ts';
import {decodeReport} from '../../src/domain/termination-message.ts';
import {kernelText} from './kernel-text.ts';

const PARSERS: Record<string, (text: string) => unknown> = {
  parseMemoryStat,
  parseMemoryLimit,
  parsePressure,
  parseSmaps,
  parseSmapsRollup,
  parseMeminfo,
  parseStartSeconds,
  parseUptimeSeconds,
  parseProcessCgroup,
  parseQuantity,
  parseLine,
  decodeReport,
  findContainerCgroup: text => findContainerCgroup(text.split('\n'), text),
  buildSample: text => buildSample(2, {memoryStat: text, usage: text, memoryEvents: text}, 0),
};

const REAL = [
  'v1-6.18/memory.stat-lazily-freed',
  'v1-6.18/smaps',
  'v1-6.18/stat',
  'v2-7.2/memory.stat-lazily-freed',
  'v2-7.2/memory.pressure',
  'v2-7.2/meminfo',
].map(kernelText);

/** Real text with a piece cut out and something foreign put in: closer to what goes wrong than pure noise. */
const damaged = fc
  .tuple(fc.constantFrom(...REAL), fc.nat(), fc.nat({max: 200}), fc.string({maxLength: 20}))
  .map(([text, at, length, foreign]) => {
    const start = at % text.length;
    return text.slice(0, start) + foreign + text.slice(start + length);
  });

for (const [name, parse] of Object.entries(PARSERS))
  test(`${name} throws at no text`, t => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), damaged), text => void parse(text)),
      {numRuns: 300},
    );
    t.pass();
  });
