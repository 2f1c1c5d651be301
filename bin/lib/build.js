import { existsSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from './run.js'

const sources = ['server', 'jobs', 'migrations', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json']
const stamp = join('dist', '.built')

/** @returns {boolean} whether dist/ was compiled after the last change of any source */
export function isBuilt(folder = root) {
  if (!existsSync(join(folder, stamp))) return false
  const builtAt = statSync(join(folder, stamp)).mtimeMs
  return sources.every((source) => newest(join(folder, source)) < builtAt)
}

/** Compiles from nothing, so that no file of a deleted source (a migration, say) stays behind in dist/. */
export async function build() {
  const startedAt = new Date()
  rmSync(join(root, 'dist'), { recursive: true, force: true })
  const result = await run(['npm', 'run', '--silent', 'build'])
  if (result.ok) {
    writeFileSync(join(root, stamp), '')
    // What was edited while the compiler ran is newer than what it read.
    utimesSync(join(root, stamp), startedAt, startedAt)
  }
  return result
}

/**
 * Folders count too: a deleted file changes the time of its folder only.
 * @param {string} path
 * @returns {number}
 */
function newest(path) {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found) return 0
  if (!found.isDirectory()) return found.mtimeMs
  return Math.max(found.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))))
}
