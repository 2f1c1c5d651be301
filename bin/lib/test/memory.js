/** A place for what a run writes and throws away: thousands of small files a minute cost half a core on a disk. */
import { accessSync, chmodSync, constants, mkdtempSync, statfsSync } from 'node:fs'
import { freemem, tmpdir } from 'node:os'
import { join } from 'node:path'

const inMemory = '/dev/shm'
const gigabyte = 2 ** 30

/** A new folder in memory, or, on a machine that has too little of it, on the disk. Others may pass through it. */
export function makeMemoryFolder() {
  const folder = mkdtempSync(join(isRoomy() ? inMemory : tmpdir(), 'hostler-test-'))
  chmodSync(folder, 0o711)
  return folder
}

/** A container may have 64 MB there. */
function isRoomy() {
  try {
    accessSync(inMemory, constants.W_OK)
    const { bavail, bsize } = statfsSync(inMemory)
    return bavail * bsize > 2 * gigabyte && freemem() > 4 * gigabyte
  } catch {
    return false
  }
}
