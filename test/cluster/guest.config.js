/**
 * What runs alone, since it is measured, or takes a whole processor (the kernel's merging of pages) or gigabytes: rates and
 * traps on this machine, one file after the other; and the suites in throw-away guest kernels, in lanes.
 */
export default {
  extensions: ['ts'],
  files: [
    'test/balloon/rate.e2e.ts',
    'test/latency/*.e2e.ts',
    'test/traps/{huge,large}.e2e.ts',
    'test/guests/suites.e2e.ts',
  ],
  concurrency: 1,
  workerThreads: false,
  timeout: '10m',
};
