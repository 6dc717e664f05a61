/** What runs inside the guest: the traps of both versions, and those that only a kernel of one's own allows. */
export default {
  extensions: ['ts'],
  files: ['test/traps/{kinds,movement,limits}.test.ts', 'test/traps/*.guest.ts'],
  workerThreads: false,
  // One processor: what runs beside a measurement is measured.
  concurrency: 1,
  serial: true,
  // V8's own threads and this kernel's page tables do not get on with each other.
  nodeArguments: ['--single-threaded'],
  timeout: '5m',
};
