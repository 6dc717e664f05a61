import {MIB} from '../domain/units.ts';
import {drawChart} from './chart.ts';
import type {CurvePoint, View} from './view.ts';

const HEIGHT = 10;

/**
 * The picture of the proof: the target's memory (up) against the balloon's size, or what the kernel was asked for
 * (right), both in MiB.
 */
export const drawCurve = (curve: readonly CurvePoint[], axis: View['axis']): string[] => {
  const points = settlePoints(curve).map(({inflatedBytes, targetBytes}) => ({
    x: inflatedBytes / MIB,
    y: targetBytes / MIB,
  }));
  return drawChart(points, {
    height: HEIGHT,
    up: 'target, MiB',
    right: `${axis}, MiB`,
    // From zero: a picture that starts at the floor would make every fall look like all of it.
    bottom: 0,
    top: Math.max(...points.map(({y}) => y), 1),
  });
};

/** By size; of several looks at the same size the last one, when the target had settled. */
const settlePoints = (curve: readonly CurvePoint[]): CurvePoint[] =>
  [...new Map(curve.map(point => [point.inflatedBytes, point])).values()].sort(
    (a, b) => a.inflatedBytes - b.inflatedBytes,
  );
