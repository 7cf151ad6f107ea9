import { defineConfig } from 'vitest/config'

/**
 * Four projects: `hermetic` needs nothing but loopback; `real` runs other programs and the registry, one file at a time,
 * because they measure time and share two cores; `image` builds the image and runs it, as root;
 * `faults` breaks a running sidecar in every way that there is a name for. All use processes: the QUIC addon aborts its process when the worker
 * thread that loaded it ends. A flaky test is a bug, so nothing is retried.
 */
export default defineConfig({
  test: {
    pool: 'forks',
    retry: 0,
    projects: [
      {
        test: {
          name: 'hermetic',
          include: ['test/**/*.test.ts'],
          exclude: ['test/real/**', 'test/image/**', 'test/faults/**'],
          maxWorkers: 2,
          // Whoever waits for something has a deadline of its own; this one is for a host with much else to do.
          testTimeout: 40_000,
          hookTimeout: 40_000,
        },
      },
      {
        test: {
          name: 'real',
          include: ['test/real/**/*.test.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
      {
        test: {
          name: 'image',
          include: ['test/image/**/*.test.ts'],
          globalSetup: ['test/support/built-image.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 2 },
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          // Most of it is waiting for things to mend themselves.
          maxWorkers: 2,
          sequence: { groupOrder: 3 },
          testTimeout: 60_000,
        },
      },
    ],
  },
})
