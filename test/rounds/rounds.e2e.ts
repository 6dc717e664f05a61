import {examine} from './examine.ts';

examine('rounds', {
  native: {
    width: 8,
    counts: {'leak under a saw': 20, flat: 10, sawtooth: 14, 'warm-up': 13, 'filling cache': 13},
  },
});
