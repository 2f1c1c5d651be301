import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    environment: 'node',
    pool: 'forks',
    // Most of a test is waiting for a database or a host, so a core can hold more than one file.
    maxWorkers: 2,
    globalSetup: ['tests/support/global-setup.ts'],
    testTimeout: 15_000,
    hookTimeout: 30_000,
    teardownTimeout: 30_000,
    // A test that passes the second time has found something.
    retry: 0,
    allowOnly: false,
    sequence: { hooks: 'stack' },
  },
})
