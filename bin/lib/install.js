import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from './run.js'

/** @typedef {{ version?: string, optional?: boolean, devOptional?: boolean }} LockedPackage */

/**
 * Compares contents, not dates: git gives every file of a clone the time of the checkout.
 * @returns {boolean} whether node_modules holds exactly what package-lock.json names
 */
export function dependenciesAreInstalled(folder = root) {
  const installed = packagesIn(join(folder, 'node_modules', '.package-lock.json'))
  const locked = packagesIn(join(folder, 'package-lock.json'))
  delete locked['']

  const sameVersions = Object.keys(installed).every((name) => installed[name]?.version === locked[name]?.version)
  const nothingMissing = Object.entries(locked).every(([name, { optional }]) => optional || name in installed)
  return sameVersions && nothingMissing
}

/** Installs exactly the locked packages, also where NODE_ENV would leave the compiler out. npm runs no install scripts here (.npmrc). */
export function installDependencies() {
  return run(['npm', 'ci', '--include=dev', '--no-audit', '--no-fund'], { timeoutMs: 15 * 60_000 })
}

/** @param {string} file @returns {Record<string, LockedPackage>} */
function packagesIn(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : {}
}
