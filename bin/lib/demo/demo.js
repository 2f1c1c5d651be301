/**
 * `bin/up --demo`: fills a new panel. Nothing in it is made up: a team, and sites that are deployed on this machine from
 * repositories in the data folder, one of which fails and one of which is taken back. It goes on where it was stopped,
 * and once it is done a start adds nothing.
 */
import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { connectRepository } from './connect.js'
import { serveRepositories } from './git-server.js'
import { initialise } from './initialise.js'
import { api, panelIsReady } from './panel.js'
import { projects } from './projects.js'
import { ensureRepositories } from './repositories.js'
import { readState, writeState } from './state.js'
import { readyServer, tellStory } from './story.js'

const email = 'demo@example.com'

/**
 * @typedef {{ folder: string, state: import('./state.js').State, password: string | null }} Demo
 *   `password` only at the first start, to be shown once.
 */

/**
 * Before the panel starts, so that nobody is offered a setup that is done: the repositories and the first person. Null,
 * with the reason said, for a panel that somebody has set up without the demo.
 * @param {(line: string) => void} say
 * @returns {Promise<Demo | null>}
 */
export async function beginDemo(say) {
  const folder = join(resolve(process.env.HOSTLER_DATA || 'data'), 'demo')
  const known = readState(folder)
  if (known) return { folder, state: known, password: null }

  const password = randomBytes(12).toString('base64url')
  const made = await initialise({ email, name: 'Ada Lovelace', team: 'Corner Shop', password })
  if (!made) {
    say('This panel is set up already, and the demo fills only a new one. Try HOSTLER_DATA=./demo-data bin/up --demo')
    return null
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const state = { gitPort: 0, team: made.team, apiKey: made.apiKey }
  writeState(folder, state)
  return { folder, state, password }
}

/**
 * @param {Demo} demo
 * @param {{ signal: AbortSignal, say: (line: string) => void }} options
 * @returns {Promise<void>} once all is there; a fault is said, and ends nothing else
 */
export async function fillWithDemo(demo, { signal, say }) {
  try {
    await fill(demo, signal, say)
  } catch (error) {
    if (signal.aborted) return
    say(`The demo is not complete: ${error instanceof Error ? error.message : error}`)
    say('Stop Hostler and run bin/up --demo again to go on with it.')
  }
}

/** @param {Demo} demo @param {AbortSignal} signal @param {(line: string) => void} say */
async function fill({ folder, state, password }, signal, say) {
  const url = `http://127.0.0.1:${process.env.PORT || 3000}`
  await ensureRepositories(folder, projects)
  const repositories = await serveRepositories(folder, state.gitPort)
  signal.addEventListener('abort', repositories.stop, { once: true })
  const now = { ...state, gitPort: repositories.port }
  writeState(folder, now)

  await panelIsReady(url, signal)
  if (password) say(box(['The demo: sign in, and watch how it is filled.', '', ...signIn(password)]))
  if (now.apiKey === null) return say('The demo is complete already. Sign in as before.')

  const ask = api({ url, team: now.team, apiKey: now.apiKey, signal })
  await readyServer(ask, signal)
  const gitUrl = `http://127.0.0.1:${repositories.port}`
  const address = await tellStory(ask, { folder, signal, gitUrl })
  const repository = await connectRepository(ask, { folder, name: projects[0]?.name ?? '', gitUrl, url })
  writeState(folder, { ...now, apiKey: null })
  say(
    box([
      'The demo is complete: of four sites one failed its last deploy, and one was rolled back by itself.',
      '',
      `  hello       ${address}`,
      `  Push to it  git clone ${repository}`,
    ]),
  )
}

/** @param {string} password */
const signIn = (password) => [`  Email       ${email}`, `  Password    ${password}   (shown this once)`]

/** @param {readonly string[]} lines */
function box(lines) {
  const rule = '─'.repeat(Math.max(...lines.map((line) => line.length)))
  return ['', rule, ...lines, rule, ''].join('\n')
}
