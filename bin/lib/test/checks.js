/** What is checked without running the product. Each check counts as one test. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from '../build.js'
import { onPath, root, run } from '../run.js'

/**
 * @typedef {object} Check
 * @property {string} name
 * @property {(signal: AbortSignal) => Promise<{ ok: boolean, output: string }>} run
 * @property {() => string | null} [missing] Why it cannot run on this machine, asked when its turn comes: what it needs may be installed by then.
 */

const installed = (/** @type {string} */ name) => join(root, 'node_modules', '.bin', name)

/** They have nothing to tidy up, and two of them only wait for a program that they have started. */
const check = (/** @type {string[]} */ words, /** @type {AbortSignal} */ signal) => run(words, { signal, graceMs: 0 })

/** @type {Check[]} */
export const checks = [
  // Through npm: dependency-cruiser reads with TypeScript 6 alone, so there are two of the name `tsc`, and package.json says which.
  { name: 'Types', run: (signal) => check(['npm', 'run', '--silent', 'typecheck'], signal) },
  { name: 'Lint', run: (signal) => check([installed('biome'), 'check', '--error-on-warnings', '.'], signal) },
  {
    name: 'Import directions',
    run: (signal) => check([installed('depcruise'), '--config', '.dependency-cruiser.cjs', ...sourceFolders()], signal),
  },
  {
    name: 'Shell scripts',
    run: async (signal) => check(['shellcheck', '--external-sources', ...(await shellScripts())], signal),
    missing: () => (onPath('shellcheck') ? null : 'shellcheck (no program of that name)'),
  },
  { name: 'Compiling', run: () => build() },
]

const sourceFolders = () => ['server', 'jobs', 'bin', 'migrations'].filter((folder) => existsSync(join(root, folder)))

/** Every shell script of the project, known by its name or by its first line. */
async function shellScripts() {
  const { output } = await run(['git', 'ls-files', '--cached', '--others', '--exclude-standard'])
  const files = output.split('\n').filter((file) => existsSync(join(root, file)))
  return files.filter((file) => file.endsWith('.sh') || (!/\.\w+$/.test(file) && isShell(file)))
}

/** @param {string} file */
const isShell = (file) => /^#!.*\b(ba)?sh\b/.test(readFileSync(join(root, file), 'utf8').slice(0, 80))
