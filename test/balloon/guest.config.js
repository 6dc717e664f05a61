/** What runs inside the guest: all that runs natively on cgroup v1, and what only v2 has. Rates are left to real machines. */
export default {
  extensions: ['ts'],
  files: ['test/balloon/*.test.ts', 'test/balloon/*.guest.ts'],
  workerThreads: false,
  // One processor: what runs beside a measurement is measured.
  concurrency: 1,
  serial: true,
  // V8's own threads and this kernel's page tables do not get on with each other.
  nodeArguments: ['--single-threaded'],
  timeout: '5m',
};
