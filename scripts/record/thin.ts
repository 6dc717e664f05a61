import {pickEvenly} from '../../src/domain/pick-evenly.ts';
import {encodeLine, type RecordLine} from '../../src/domain/record.ts';

/** What one record of the corpus may take, so that a hundred of them stay small. */
export const MAX_RECORD_BYTES = 20 * 1024;

/** In the order in which they are given up; the verdict hangs on neither. */
const THINNED = ['sample', 'step'] as const;

/** The record as text of at most `maxBytes`: samples are left out evenly, then steps. The other lines are kept as they are. */
export const thinRecord = (lines: readonly RecordLine[], maxBytes = MAX_RECORD_BYTES): string => {
  const thinned = THINNED.reduce((kept, type) => thin(kept, type, maxBytes), lines);
  const text = write(thinned);
  if (text.length > maxBytes)
    throw new Error(`the record takes ${text.length} bytes without samples and steps, more than ${maxBytes}`);
  return text;
};

const thin = (
  lines: readonly RecordLine[],
  type: (typeof THINNED)[number],
  maxBytes: number,
): readonly RecordLine[] => {
  const some = lines.filter(line => line.type === type);
  const room = maxBytes - write(lines.filter(line => line.type !== type)).length;
  const longest = Math.max(1, ...some.map(line => encodeLine(line).length));
  const kept = new Set(pickEvenly(some, Math.max(2, Math.floor(room / longest))));
  return lines.filter(line => line.type !== type || (room > 2 * longest && kept.has(line)));
};

const write = (lines: readonly RecordLine[]): string => lines.map(encodeLine).join('');
