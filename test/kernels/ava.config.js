/** The agent alone on every kernel that there is here: machines boot, so it runs by itself. */
export default {
  extensions: ['ts'],
  files: ['test/kernels/kernels.e2e.ts'],
  serial: true,
  concurrency: 1,
  workerThreads: false,
  timeout: '20m',
};
