/** What a probe does to a served target on a kernel with cgroup v2 and two processors: part of `make bench`. */
export default {
  extensions: ['ts'],
  files: ['test/kernels/served.e2e.ts'],
  serial: true,
  workerThreads: false,
  timeout: '15m',
};
