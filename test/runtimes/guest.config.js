/** The same inside the guest. */
export default {
  extensions: ['ts'],
  files: ['test/runtimes/variants.e2e.ts'],
  serial: true,
  concurrency: 1,
  workerThreads: false,
  // V8's own threads and this kernel's page tables do not get on with each other.
  nodeArguments: ['--single-threaded'],
  timeout: '5m',
};
