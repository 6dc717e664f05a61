import test from 'ava';
import {checkNeighbours, noteStall, type StallTrail} from '../../src/domain/neighbours.ts';
import type {GuardSettings} from '../../src/domain/settings.ts';

const SETTINGS = {maxPressurePercent: 40} as GuardSettings;
const LOOKS_EVERY = 250;

/** Looks of somebody who stalled for so many milliseconds between each two of them. */
const follow = (...stalledMilliseconds: number[]): StallTrail =>
  stalledMilliseconds.reduce<StallTrail>(
    (trail, stalled, index) =>
      noteStall(trail, {
        timeMilliseconds: (index + 1) * LOOKS_EVERY,
        stalledMicroseconds: (trail.at(-1)?.stalledMicroseconds ?? 0) + stalled * 1000,
      }),
    noteStall(undefined, {timeMilliseconds: 0, stalledMicroseconds: 9_000_000}),
  );

const check = (...trails: StallTrail[]) =>
  checkNeighbours(SETTINGS, new Map(trails.map((trail, index) => [`/kubepods/pod${index}`, trail])));

test('who stalls for more than its share of the last half second trips, and is named', t => {
  const trip = check(follow(0, 0), follow(100, 110));
  t.is(trip?.guard, 'neighbourPressure');
  t.regex(trip?.message ?? '', /^\/kubepods\/pod1 .* 42 % .*\(40\)/);
});

test('who stalls for less does not, and stalls of several do not add up', t => {
  t.is(check(follow(100, 100)), undefined);
  t.is(check(follow(60, 60), follow(60, 60)), undefined);
  t.is(checkNeighbours(SETTINGS, new Map()), undefined);
});

test('what was before the last half second counts no more, whatever the time since the cgroup was made', t => {
  t.is(check(follow(250, 250, 0, 0)), undefined);
  t.not(check(follow(0, 0, 0, 0, 250)), undefined, 'half of it is enough, where all of that is stalled');
});

test('looks that do not cover half a second say nothing', t => {
  t.is(check(follow()), undefined);
  t.is(check(follow(250)), undefined);
});

test('a look that comes late is counted by the time that really went by', t => {
  const late = noteStall(follow(0, 0), {timeMilliseconds: 2500, stalledMicroseconds: 9_500_000});
  t.is(check(late), undefined, '500 ms of 2 s');
});

test('no more is kept than the window needs', t => {
  t.is(follow(...Array<number>(100).fill(1)).length, 3);
});
