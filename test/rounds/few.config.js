/** A few of them, here and in a guest, in three minutes: that nothing is broken, not how often a leak is found. */
export default {
  extensions: ['ts'],
  files: ['test/rounds/few.e2e.ts'],
  serial: true,
  concurrency: 1,
  workerThreads: false,
  timeout: '10m',
};
