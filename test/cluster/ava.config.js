/** The suites that need the embedded cluster: one test at a time, because a node is one thing. */
export default {
  extensions: ['ts'],
  files: ['test/cluster/*.e2e.ts'],
  serial: true,
  concurrency: 1,
  workerThreads: false,
  timeout: '10m',
};
