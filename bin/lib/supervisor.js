/**
 * Keeps the panel's processes running: starts them in order, starts one again when it dies, stops them in the
 * opposite order. A child says that it is ready by `process.send('ready')`; the next one starts then.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { send } from './run.js'

/** A fault of the settings (EX_CONFIG): starting again cannot cure it. */
export const settingsFault = 78

/**
 * @typedef {object} ChildSpec
 * @property {string} name For sentences.
 * @property {string} file
 * @property {string[]} [args]
 * @property {number} stopMs How long it may take to stop before it is killed.
 */

const defaults = { firstWaitMs: 1000, longestWaitMs: 30_000, steadyMs: 60_000, readyMs: 30_000, giveUpAfter: 5 }

/**
 * @param {readonly ChildSpec[]} specs
 * @param {{ cwd: string, say: (line: string) => void, signal: AbortSignal } & Partial<typeof defaults>} options
 * @returns {Promise<number>} the exit code, once everything has stopped
 */
export async function supervise(specs, options) {
  const settings = { ...defaults, ...options }
  const failed = new AbortController()
  const stopping = AbortSignal.any([options.signal, failed.signal])
  let exitCode = 0

  /** @type {{ spec: ChildSpec, ended: Promise<void>, stop: () => Promise<void> }[]} */
  const kept = []
  for (const spec of specs) {
    if (stopping.aborted) break
    const child = keepRunning(spec, { ...settings, stopping, giveUp })
    kept.push(child)
    await child.ready
  }

  if (!stopping.aborted) await once(stopping, 'abort')
  for (const child of kept.reverse()) await child.stop()
  return exitCode

  /** @param {number} code @param {string} why */
  function giveUp(code, why) {
    options.say(why)
    exitCode = code
    failed.abort()
  }
}

/**
 * @param {ChildSpec} spec
 * @param {typeof defaults & { cwd: string, say: (line: string) => void, stopping: AbortSignal,
 *   giveUp: (code: number, why: string) => void }} options
 */
function keepRunning(spec, { cwd, say, stopping, giveUp, ...waits }) {
  /** @type {import('node:child_process').ChildProcess | undefined} */
  let running
  /** @type {() => void} */
  let isReady = () => {}
  const firstReady = new Promise((/** @type {(value?: void) => void} */ resolve) => {
    isReady = resolve
  })
  const ended = live()

  return {
    spec,
    ended,
    ready: Promise.race([firstReady, ended, pause(waits.readyMs, undefined, { ref: false }), aborted(stopping)]),
    async stop() {
      if (running?.pid === undefined) return ended
      const { pid } = running
      send(pid, 'SIGTERM')
      const late = setTimeout(() => send(-pid, 'SIGKILL'), spec.stopMs)
      await ended
      clearTimeout(late)
    },
  }

  async function live() {
    for (let failures = 0; !stopping.aborted; ) {
      const startedAt = Date.now()
      // A group of its own: Ctrl-C in the terminal must reach only the supervisor, which then stops them in order.
      running = fork(spec.file, spec.args ?? [], {
        cwd,
        detached: true,
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      })
      running.on('message', (message) => message === 'ready' && isReady())
      const [code, signal] = await once(running, 'exit')
      running = undefined
      if (stopping.aborted) return
      if (code === settingsFault) return giveUp(settingsFault, `The ${spec.name} cannot start with these settings.`)

      failures = Date.now() - startedAt > waits.steadyMs ? 1 : failures + 1
      if (failures === waits.giveUpAfter) return giveUp(1, `The ${spec.name} ended ${failures} times in a row.`)
      const waitMs = Math.min(waits.firstWaitMs * 2 ** (failures - 1), waits.longestWaitMs)
      say(`The ${spec.name} ended (${signal ?? `code ${code}`}); starting it again in ${waitMs / 1000} s.`)
      await pause(waitMs, undefined, { signal: stopping }).catch(() => {})
    }
  }
}

/** @param {AbortSignal} signal @returns {Promise<void>} */
const aborted = async (signal) => {
  if (!signal.aborted) await once(signal, 'abort')
}
