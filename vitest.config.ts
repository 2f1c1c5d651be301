import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    environment: 'node',
    pool: 'forks',
    // Most of a test is waiting for a database or a host, so a core can hold more than one file.
    maxWorkers: 2,
    globalSetup: ['tests/support/global-setup.ts'],
    // A hang ends here; how long a test may take is told by the list of the slowest files.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
    // A test that passes the second time has found something.
    retry: 0,
    allowOnly: false,
    sequence: { hooks: 'stack' },
  },
})
