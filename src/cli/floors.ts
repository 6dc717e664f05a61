import {MIB} from '../domain/units.ts';
import {drawChart} from './chart.ts';
import type {FloorPoint} from './view.ts';

const HEIGHT = 6;
/** A flat series must look flat: the picture is never higher than so small a share of the largest floor would make it. */
const LEAST_SHARE = 0.1;

/** The picture of the rounds: the floor of each that counts (up, MiB) over the minutes since the first of them (right). */
export const drawFloors = (floors: readonly FloorPoint[]): string[] => {
  const times = floors.map(({time}) => Date.parse(time));
  const points = floors.map(({floorBytes}, index) => ({
    x: ((times[index] ?? 0) - (times[0] ?? 0)) / 60_000,
    y: floorBytes / MIB,
  }));
  const [least, most] = [Math.min(...points.map(({y}) => y)), Math.max(...points.map(({y}) => y))];
  return drawChart(points, {
    height: HEIGHT,
    up: 'floor, MiB',
    right: 'minutes',
    bottom: least,
    top: least + Math.max(most - least, LEAST_SHARE * most, 1),
  });
};
