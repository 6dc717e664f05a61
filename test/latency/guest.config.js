/** What runs inside the guest too: the same measurements on cgroup v2. */
export default {
  extensions: ['ts'],
  files: ['test/latency/{crossing,served,throttled}.e2e.ts', 'test/latency/pressure.guest.ts'],
  workerThreads: false,
  concurrency: 1,
  serial: true,
  // V8's own threads and this kernel's page tables do not get on with each other.
  nodeArguments: ['--single-threaded'],
  timeout: '5m',
};
