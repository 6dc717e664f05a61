/** Starts, breaks and stops the cluster itself: on its own, with no cluster up before. */
export default {
  extensions: ['ts'],
  files: ['test/cluster/lifecycle.spec.ts'],
  serial: true,
  concurrency: 1,
  workerThreads: false,
  timeout: '10m',
};
