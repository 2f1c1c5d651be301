/** A place for what a run writes and throws away: thousands of small files a minute cost half a core on a disk. */
import { accessSync, chmodSync, constants, existsSync, mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs'
import { freemem, tmpdir } from 'node:os'
import { join } from 'node:path'
import { endLeftovers } from './leftovers.js'

const inMemory = '/dev/shm'
const gigabyte = 2 ** 30

/**
 * A new folder in memory, or, on a machine that has too little of it, on the disk. Others may pass through it. Its name
 * says whose it is, so that the next run can remove it when this one is killed.
 * @returns {Promise<string>}
 */
export async function makeMemoryFolder() {
  if (existsSync(inMemory)) await removeAbandoned(inMemory)
  const folder = mkdtempSync(join(isRoomy() ? inMemory : tmpdir(), `hostler-test-${process.pid}-`))
  chmodSync(folder, 0o711)
  return folder
}

/**
 * Ends what still runs in the folders of runs that are gone, such as a PostgreSQL, and removes them.
 * @param {string} parent
 */
export async function removeAbandoned(parent) {
  for (const name of readdirSync(parent)) {
    const pid = Number(/^hostler-test-(\d+)-/.exec(name)?.[1])
    if (!pid || isThere(pid)) continue
    const folder = join(parent, name)
    await endLeftovers(folder, { patienceMs: 0 })
    try {
      rmSync(folder, { recursive: true, force: true })
    } catch {
      // It is of another user, whose next run removes it.
    }
  }
}

/** @param {number} pid */
function isThere(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH'
  }
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
