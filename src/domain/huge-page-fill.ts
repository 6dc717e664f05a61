import type {Bytes} from './units.ts';

/** What was seen of huge pages around one squeeze. What could not be seen is absent. */
export type HugePageLook = {
  /** Huge pages made out of small ones since some beginning: of the target's cgroup, else of the whole node. */
  collapsesBefore?: number;
  collapsesAfter?: number;
  /** After the squeeze: what is missing in places where a huge page could be made. */
  roomBytes?: Bytes;
};

/**
 * Most of what khugepaged may have added to the floors, from the first squeeze to the last: where a part of a huge page was
 * given back it may put a whole one again (max_ptes_none), whose new part nobody asked for and no pressure takes. Never more
 * than all huge pages that were made could hold, nor than the largest room that a squeeze left. What the target gives
 * back meanwhile lowers a floor by as much as it makes room. Undefined below two squeezes, and where neither is known.
 * Source: Documentation/admin-guide/mm/transhuge.rst.
 */
export const boundHugePageFill = (
  looks: readonly HugePageLook[],
  perCollapseBytes: Bytes,
): Bytes | undefined => {
  const [first, last] = [looks[0], looks.at(-1)];
  if (!first || !last || looks.length < 2) return undefined;
  const madeBytes = perCollapseBytes * countCollapses(first.collapsesBefore, last.collapsesAfter);
  const rooms = looks.slice(0, -1).map(look => roomAtFloor(look, perCollapseBytes));
  const fillBytes = Math.min(madeBytes, Math.max(...rooms));
  return Number.isFinite(fillBytes) ? fillBytes : undefined;
};

/** The look comes a moment after the floor: what was made in the squeeze may have taken room since. */
const roomAtFloor = (look: HugePageLook, perCollapseBytes: Bytes): Bytes =>
  look.roomBytes === undefined
    ? Number.POSITIVE_INFINITY
    : look.roomBytes + perCollapseBytes * countCollapses(look.collapsesBefore, look.collapsesAfter, 0);

const countCollapses = (
  before: number | undefined,
  after: number | undefined,
  unknown = Number.POSITIVE_INFINITY,
): number => (before === undefined || after === undefined ? unknown : Math.max(0, after - before));
