/** Programs, for the project's own commands: start one, wait for it, and never leave it behind. */
import { spawn, spawnSync } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of this clone. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

/**
 * @typedef {object} RunOptions
 * @property {boolean} [show] Let the program write to our own screen instead of keeping what it says.
 * @property {NodeJS.ProcessEnv} [env]
 * @property {number} [timeoutMs]
 * @property {AbortSignal} [signal]
 * @property {number} [graceMs] How long it may tidy up when it is stopped.
 * @property {string} [cwd]
 * @property {string} [input] Its standard input; without one it has none.
 */

/**
 * Runs one program to its end. It gets its own process group, so that a stop reaches what it started too.
 * @param {readonly string[]} words
 * @param {RunOptions} [options]
 * @returns {Promise<{ ok: boolean, output: string, answer: string }>} all that it said, and its standard output alone
 */
export function run(words, options = {}) {
  const { show = false, env = process.env, timeoutMs, signal, graceMs = 20_000, cwd = root, input } = options
  const [program = '', ...args] = words
  const stdin = input === undefined ? 'ignore' : 'pipe'
  const child = spawn(program, args, { cwd, env, detached: true, stdio: [stdin, ...outputs(show)] })
  const stop = () => stopGroup(child.pid, graceMs)
  const timer = timeoutMs === undefined ? undefined : setTimeout(stop, timeoutMs)
  signal?.addEventListener('abort', stop)
  if (signal?.aborted) stop()

  let output = ''
  let answer = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      output += text
      if (stream === child.stdout) answer += text
    })
  }
  // It may end before it has read all.
  child.stdin?.on('error', () => undefined).end(input)

  return new Promise((resolve) => {
    const end = (/** @type {boolean} */ ok) => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', stop)
      resolve({ ok, output: output.trim(), answer: answer.trim() })
    }
    child.on('error', (error) => {
      output += error.message
      end(false)
    })
    child.on('close', (code) => end(code === 0))
  })
}

/** @param {boolean} show @returns {('inherit' | 'pipe')[]} */
const outputs = (show) => (show ? ['inherit', 'inherit'] : ['pipe', 'pipe'])

/**
 * Asks the group's first process to end, so that it can tidy up; whoever is left after the grace is killed.
 * @param {number | undefined} pid
 * @param {number} graceMs
 */
function stopGroup(pid, graceMs) {
  if (pid === undefined) return
  send(pid, 'SIGTERM')
  setTimeout(() => send(-pid, 'SIGKILL'), graceMs).unref()
}

/**
 * Signals a process, or a group when negative; one that is already gone is no fault.
 * @param {number} pid
 * @param {NodeJS.Signals | 0} signal
 */
export function send(pid, signal) {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}

/**
 * Debian keeps daemons in sbin folders, which are not on a plain user's PATH.
 * @param {string} program
 */
export function onPath(program) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin']
  return folders.some((folder) => isExecutable(join(folder, program)))
}

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

/** How a command is run as root here: as it is, through sudo without a password, or not at all (null). */
export const rootPrefix = (() => {
  if (process.getuid?.() === 0) return []
  return spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0 ? ['sudo', '-n'] : null
})()
