/** Axes of choices, and one choice of each. */
export type Axes = Record<string, readonly string[]>;
export type Choice<A extends Axes> = {[Axis in keyof A]: A[Axis][number]};

/**
 * Few choices in which every group occurs that occurs at all: `groupsOf` says which a choice belongs to. Greedy: each time
 * the choice that adds most, among equals the one whose values were used least. The same axes give the same list.
 */
export const chooseCovering = <A extends Axes>(
  axes: A,
  isPossible: (choice: Choice<A>) => boolean,
  groupsOf: (choice: Choice<A>) => string[] = pairsOf,
): Choice<A>[] => {
  const candidates = multiply(axes)
    .filter(isPossible)
    .map(choice => ({choice, groups: groupsOf(choice)}));
  const missing = new Set(candidates.flatMap(({groups}) => groups));
  const uses = new Map<string, number>();
  const gainOf = (groups: readonly string[]): number => groups.filter(group => missing.has(group)).length;
  const usesOf = (choice: Choice<A>): number =>
    namesOf(choice).reduce((sum, name) => sum + (uses.get(name) ?? 0), 0);
  const chosen: Choice<A>[] = [];
  while (missing.size > 0) {
    const gains = candidates.map(({groups}) => gainOf(groups));
    const most = Math.max(...gains);
    const best = candidates
      .filter((_, index) => gains[index] === most)
      .reduce((one, other) => (usesOf(other.choice) < usesOf(one.choice) ? other : one));
    for (const group of best.groups) missing.delete(group);
    for (const name of namesOf(best.choice)) uses.set(name, (uses.get(name) ?? 0) + 1);
    chosen.push(best.choice);
  }
  return chosen;
};

/** Every two values that a choice has. */
export const pairsOf = (choice: Record<string, string>): string[] => {
  const names = namesOf(choice);
  return names.flatMap((one, index) => names.slice(index + 1).map(other => `${one}|${other}`));
};

const namesOf = (choice: Record<string, string>): string[] =>
  Object.entries(choice).map(([axis, value]) => `${axis}=${value}`);

const multiply = <A extends Axes>(axes: A): Choice<A>[] =>
  Object.entries(axes).reduce<Record<string, string>[]>(
    (choices, [axis, values]) => choices.flatMap(choice => values.map(value => ({...choice, [axis]: value}))),
    [{}],
  ) as Choice<A>[];
