import test from 'ava';
import fc from 'fast-check';
import {readLines} from '../../src/kube/lines.ts';

async function* chunksOf(bytes: Uint8Array, cuts: number[]): AsyncGenerator<Uint8Array> {
  const ends = [...new Set([...cuts.map(cut => cut % (bytes.length + 1)), bytes.length])].sort(
    (a, b) => a - b,
  );
  let start = 0;
  for (const end of ends) {
    yield bytes.slice(start, end);
    start = end;
  }
}

test('lines are the same wherever the chunks are cut, in the middle of a character too', async t => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({unit: 'grapheme', minLength: 1}).filter(line => !line.includes('\n'))),
      fc.array(fc.nat()),
      async (lines, cuts) => {
        const bytes = new TextEncoder().encode(lines.map(line => `${line}\n`).join(''));
        const read: string[] = [];
        for await (const line of readLines(chunksOf(bytes, cuts))) read.push(line);
        t.deepEqual(read, lines);
      },
    ),
  );
});
