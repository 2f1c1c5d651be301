/**
 * Finds what the tests started and did not stop, also what has left its parent and its group. Such a process still
 * shows the run's folder: in its environment (TMPDIR), its command line, or as its working folder. Linux only.
 */
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { send } from '../run.js'

/**
 * Waits a moment for what is just ending, then ends the rest.
 * @param {string} folder
 * @param {{ patienceMs?: number }} [options]
 * @returns {Promise<string[]>} what had to be ended, in words
 */
export async function endLeftovers(folder, { patienceMs = 5000 } = {}) {
  let left = processesOf(folder)
  for (const until = Date.now() + patienceMs; left.length > 0 && Date.now() < until; ) {
    await pause(100)
    left = processesOf(folder)
  }
  for (const { pid } of left) send(pid, 'SIGTERM')
  for (const until = Date.now() + 3000; processesOf(folder).length > 0 && Date.now() < until; ) await pause(50)
  for (const { pid } of processesOf(folder)) send(pid, 'SIGKILL')
  return left.map(({ pid, words }) => `${words || 'a process'} (${pid})`)
}

/** @param {string} folder */
export function processesOf(folder) {
  if (!existsSync('/proc/self/environ')) return []
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((pid) => ({ pid: Number(pid), words: wordsOf(pid), marks: marksOf(pid) }))
    .filter(({ marks }) => marks.includes(folder))
}

/** @param {string} pid */
const wordsOf = (pid) =>
  read(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'))
    .replaceAll('\0', ' ')
    .trim()
    .slice(0, 120)

/** @param {string} pid */
const marksOf = (pid) =>
  [
    () => readFileSync(`/proc/${pid}/environ`, 'utf8'),
    () => readFileSync(`/proc/${pid}/cmdline`, 'utf8'),
    () => readlinkSync(`/proc/${pid}/cwd`),
  ]
    .map(read)
    .join('\n')

/** A process may end while it is read, or belong to somebody else. @param {() => string} look */
function read(look) {
  try {
    return look()
  } catch {
    return ''
  }
}
