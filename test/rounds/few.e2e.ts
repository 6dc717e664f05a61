import {examine} from './examine.ts';

/** All of a machine at once: what rounds.e2e.ts does takes 12 rounds of 7 s for each eight of its targets. */
examine('rounds-few', {
  native: {width: 6, counts: {'leak under a saw': 2, sawtooth: 1, flat: 1, 'warm-up': 1, 'filling cache': 1}},
  guest: {width: 4, counts: {'leak under a saw': 2, sawtooth: 1, 'warm-up': 1}},
});
