import {ABOVE_EXPECTED, expecting, ONE_LOOK, type Variant} from '../variant.ts';

/** It refuses to run as root. */
const run = (mode: string): Pick<Variant, 'runtime' | 'command'> => ({
  runtime: 'PostgreSQL 15',
  command: ['/usr/sbin/chroot', '--userspec=65532:65532', '/', '/bin/sh', '/mnt/postgres.sh', mode],
});

export const POSTGRES: Variant[] = [
  {
    ...run('holding'),
    variant: 'rows in its shared buffers',
    wishes: ONE_LOOK,
    expected: {
      outcome: 'Held',
      reasons: ['HeldIdle', 'HeldInUse', 'NothingToJudge'],
      leastSharedMebibytes: 60,
    },
    inGuest: false,
  },
  {
    ...run('leaking'),
    variant: 'a session that prepares statements and keeps them',
    wishes: expecting(40),
    expected: ABOVE_EXPECTED,
    inGuest: false,
  },
];
