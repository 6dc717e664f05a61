/** Real runtimes as targets, natively and in a throw-away guest kernel with cgroup v2: one at a time, since they are measured. */
export default {
  extensions: ['ts'],
  files: ['test/runtimes/*.e2e.ts'],
  serial: true,
  concurrency: 1,
  workerThreads: false,
  timeout: '10m',
};
