/** The suites that start an API server and let an operator's clock jump: one at a time, on a machine that is not busy. */
export default {
  extensions: ['ts'],
  files: ['test/**/*.api.test.ts'],
  concurrency: 1,
  workerThreads: false,
  timeout: '2m',
};
