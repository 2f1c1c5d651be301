import { existsSync } from 'node:fs'
import path from 'node:path'
import type { Plugin } from 'vitest/config'

const root = path.resolve(import.meta.dirname, '../..')
const folders = ['server', 'jobs', 'migrations'].map((name) => path.join(root, name, path.sep))

/**
 * Has tests import the product as `compileProduct` has made it for this run, which Node loads by itself: to have each
 * worker transform a thousand sources took longer than most files of tests do.
 */
export function runCompiled(): Plugin {
  let isWatching = false
  return {
    name: 'run-compiled',
    enforce: 'pre',
    configureVitest: ({ vitest }) => {
      // Whoever changes a source meanwhile wants to see that.
      isWatching = vitest.config.watch
    },
    resolveId(source, importer) {
      const compiled = process.env.HOSTLER_TEST_COMPILED
      if (isWatching || !compiled || !importer || !/^\.{1,2}\/.*\.js$/.test(source)) return null
      const asked = path.resolve(path.dirname(importer), source)
      if (!folders.some((folder) => asked.startsWith(folder))) return null
      const built = path.join(compiled, path.relative(root, asked))
      return existsSync(built) ? built : null
    },
  }
}
