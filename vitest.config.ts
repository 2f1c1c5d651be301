import { defineConfig } from 'vitest/config'
import { HeavyFirst } from './tests/support/heavy-first.js'
import { runCompiled } from './tests/support/run-compiled.js'
import { runMutants } from './tests/support/run-mutants.js'

/** Chromium gives up what it loads when the machine gets another address, so whatever starts containers runs after the rest. */
const withContainers = ['tests/**/*docker-*.test.ts', 'tests/**/*systemd*.test.ts']

/** Loaded by Node itself: see runCompiled. */
const external = [/\/compiled\//]

const each = {
  environment: 'node',
  pool: 'forks',
  // Modules hold no state but caches, so the files of a worker share them: to load them anew took a third of the time.
  isolate: false,
  // Most of a test is waiting for a database or a host, so a core can hold more than one file.
  maxWorkers: 3,
  // A hang ends here; how long a test may take is told by the list of the slowest files.
  testTimeout: 60_000,
  hookTimeout: 120_000,
  teardownTimeout: 30_000,
  // A test that passes the second time has found something.
  retry: 0,
  allowOnly: false,
  server: { deps: { external } },
} as const

const plugins = [runMutants(), runCompiled()]

export default defineConfig({
  test: {
    ...each,
    globalSetup: ['tests/support/global-setup.ts'],
    sequence: { sequencer: HeavyFirst },
    projects: [
      {
        plugins,
        test: {
          ...each,
          name: 'panel',
          include: ['tests/**/*.test.ts'],
          exclude: withContainers,
          sequence: { hooks: 'stack', groupOrder: 0 },
        },
      },
      {
        plugins,
        test: {
          ...each,
          name: 'containers',
          include: withContainers,
          sequence: { hooks: 'stack', groupOrder: 1 },
        },
      },
    ],
  },
})
