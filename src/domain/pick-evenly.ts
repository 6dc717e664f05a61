/** At most `count` (2 or more) of the items, the first and the last among them, evenly spread by place. */
export const pickEvenly = <T>(items: readonly T[], count: number): T[] =>
  items.length <= count
    ? [...items]
    : Array.from({length: count}, (_, index) =>
        items.at(Math.round((index * (items.length - 1)) / (count - 1))),
      ).filter(item => item !== undefined);
