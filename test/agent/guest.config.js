/** What may only run in a guest kernel with little memory of its own: the whole node is pressed there. */
export default {
  extensions: ['ts'],
  files: ['test/agent/*.guest.ts'],
  workerThreads: false,
  concurrency: 1,
  serial: true,
  // V8's own threads and this kernel's page tables do not get on with each other.
  nodeArguments: ['--single-threaded'],
  timeout: '2m',
};
