/** What the demo remembers between two starts, in the data folder: its key while it is not done, and the port of its repositories. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** @typedef {{ gitPort: number, team: string, apiKey: string | null }} State `apiKey` is null once all is done. */

/** @param {string} folder @returns {State | null} */
export function readState(folder) {
  const file = join(folder, 'demo.json')
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null
}

/** @param {string} folder @param {State} state */
export function writeState(folder, state) {
  const file = join(folder, 'demo.json')
  writeFileSync(`${file}.partial`, JSON.stringify(state), { mode: 0o600 })
  renameSync(`${file}.partial`, file)
}
