/** Leaks under a sawtooth, and what only looks like one, as many as a rate needs: `make test-rounds`. */
export default {
  extensions: ['ts'],
  files: ['test/rounds/rounds.e2e.ts'],
  serial: true,
  concurrency: 1,
  workerThreads: false,
  timeout: '60m',
};
