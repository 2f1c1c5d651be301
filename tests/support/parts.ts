import { appendFileSync, existsSync } from 'node:fs'

const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin']

/**
 * Whether this machine has the programs that a group of tests needs. What is missing is written down by name for the
 * last lines of the run: `describe.skipIf(!needs('caddy'))(…)`.
 */
export function needs(...parts: string[]): boolean {
  const missing = parts.filter((part) => !folders.some((folder) => existsSync(`${folder}/${part}`)))
  const list = process.env.HOSTLER_NOT_RUN
  if (missing.length > 0 && list) appendFileSync(list, `${missing.join(' ')}\n`)
  return missing.length === 0
}
