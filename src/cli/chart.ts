import asciichart from 'asciichart';

const WIDTH = 60;
const LABEL_WIDTH = 8;
const TICKS = 3;

export type Point = {x: number; y: number};

/** What a picture is drawn in: its height in lines, what its axes count, and the values at its bottom and top. */
export type Frame = {height: number; up: string; right: string; bottom: number; top: number};

/** A line through points that are sorted by x, as text with both axes; none where they do not spread. */
export const drawChart = (points: readonly Point[], {height, up, right, bottom, top}: Frame): string[] => {
  const [from, to] = [points[0]?.x ?? 0, points.at(-1)?.x ?? 0];
  if (from === to) return [];
  const heights = Array.from({length: WIDTH + 1}, (_, column) =>
    interpolate(points, from + (column * (to - from)) / WIDTH),
  );
  const picture = asciichart.plot(heights, {
    height,
    min: bottom,
    max: top,
    offset: LABEL_WIDTH + 1,
    format: value => value.toFixed(0).padStart(LABEL_WIDTH - 1),
  });
  return [
    up.padStart(LABEL_WIDTH + 4),
    ...picture.split('\n').map(line => line.trimEnd()),
    drawAxis(from, to, right),
  ];
};

/** Straight between two points. */
const interpolate = (points: readonly Point[], x: number): number => {
  const after = points.findIndex(point => point.x >= x);
  const [left, right] = [points[Math.max(0, after - 1)], points[after === -1 ? points.length - 1 : after]];
  if (!left || !right) return Number.NaN;
  const span = right.x - left.x;
  const share = span === 0 ? 1 : (x - left.x) / span;
  return left.y + share * (right.y - left.y);
};

const drawAxis = (from: number, to: number, title: string): string => {
  const digits = to - from < 10 ? 1 : 0;
  const labels = Array.from({length: TICKS + 1}, (_, tick) =>
    (from + (tick * (to - from)) / TICKS).toFixed(digits).replace(/\.0$/, ''),
  );
  const spread = labels.map(label => label.padEnd(WIDTH / TICKS)).join('');
  return `${' '.repeat(LABEL_WIDTH)}${spread.trimEnd()}   ${title}`;
};
