/** One line that the guardian wrote: its first word, and the `key=value` words after it. */
export type BalloonLine = {name: string; values: Record<string, string>};

/** Reads a line of images/balloon/PROTOCOL.md: `inflated bytes=67108864 us=18211 shrink=ok`. */
export const parseBalloonLine = (line: string): BalloonLine => {
  const [name = '', ...words] = line.trim().split(' ');
  return {name, values: Object.fromEntries(words.map(splitWord))};
};

/** The number under a key; undefined where it is absent or not a number. */
export const numberOf = ({values}: BalloonLine, key: string): number | undefined => {
  const text = values[key];
  return text !== undefined && /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : undefined;
};

const splitWord = (word: string): [string, string] => {
  const equals = word.indexOf('=');
  return equals < 0 ? [word, ''] : [word.slice(0, equals), word.slice(equals + 1)];
};
