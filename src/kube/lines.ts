/** Cuts a stream of bytes into lines, wherever its chunks end; a last line without an end is not a line. */
export async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const pieces: string[] = [];
  for await (const chunk of chunks) {
    const parts = decoder.decode(chunk, {stream: true}).split('\n');
    for (const [index, part] of parts.entries()) {
      pieces.push(part);
      if (index === parts.length - 1) continue;
      const line = pieces.splice(0).join('');
      if (line !== '') yield line;
    }
  }
}
