import { readdirSync } from 'node:fs'
import { isAddress } from '../../layout.js'

/**
 * Where the next request goes. The folder is read for each one: listing one name takes some 10 µs, and nothing that is
 * remembered can be out of date. It is looked at twice as a first look may fall into a rename.
 */
export function upstreamNow(folder: string): string | null {
  return look(folder) ?? look(folder)
}

function look(folder: string): string | null {
  try {
    return readdirSync(folder).find(isAddress) ?? null
  } catch {
    return null
  }
}
