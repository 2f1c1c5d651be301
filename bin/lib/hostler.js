/** Compiles what has changed, saying so on standard error (standard output is the answer), and runs the CLI. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, isBuilt } from './build.js'
import { dependenciesAreInstalled, installDependencies } from './install.js'
import { root } from './run.js'

// The container's image holds what was compiled, and no sources.
const hasSources = existsSync(join(root, 'server'))
if (hasSources && !dependenciesAreInstalled()) await step('Installing packages', installDependencies)
if (hasSources && !isBuilt()) await step('Compiling', build)
await import(pathToFileURL(join(root, 'dist', 'server', 'cli', 'cli.js')).href)

/**
 * @param {string} name
 * @param {() => Promise<{ ok: boolean, output: string }>} work
 */
async function step(name, work) {
  console.error(`${name} …`)
  const { ok, output } = await work()
  if (ok) return
  console.error(`${output}\n\n${name} failed.`)
  process.exit(1)
}
