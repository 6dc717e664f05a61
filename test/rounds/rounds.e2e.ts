import {examine} from './examine.ts';

const counts = {'leak under a saw': 20, flat: 10, sawtooth: 14, 'warm-up': 13, 'filling cache': 13};

// Four saws at a time are what the one processor of a guest is fast enough for: with six of them floors are read too late.
examine('rounds', {native: {width: 8, counts}, guest: {width: 4, machines: 2, counts}});
