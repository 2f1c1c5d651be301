/**
 * `bin/up --demo`: fills a new panel. Nothing in it is made up: a team, and sites that are deployed on this machine from
 * repositories in the data folder, one of which fails and one of which is taken back. It goes on where it was stopped,
 * and once it is done a start adds nothing.
 */
import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { serveRepositories } from './git-server.js'
import { initialise } from './initialise.js'
import { api, panelIsReady } from './panel.js'
import { projects } from './projects.js'
import { ensureRepositories } from './repositories.js'
import { readState, writeState } from './state.js'
import { readyServer, tellStory } from './story.js'

const email = 'demo@example.com'

/**
 * @param {{ signal: AbortSignal, say: (line: string) => void }} options
 * @returns {Promise<void>} once all is there; a fault is said, and ends nothing else
 */
export async function fillWithDemo({ signal, say }) {
  try {
    await fill(signal, say)
  } catch (error) {
    if (signal.aborted) return
    say(`The demo is not complete: ${error instanceof Error ? error.message : error}`)
    say('Stop Hostler and run bin/up --demo again to go on with it.')
  }
}

/** @param {AbortSignal} signal @param {(line: string) => void} say */
async function fill(signal, say) {
  const folder = join(resolve(process.env.HOSTLER_DATA || 'data'), 'demo')
  const url = `http://127.0.0.1:${process.env.PORT || 3000}`
  await panelIsReady(url, signal)

  mkdirSync(folder, { recursive: true, mode: 0o700 })
  let state = readState(folder)
  await ensureRepositories(folder, projects)
  const repositories = await serveRepositories(folder, state?.gitPort ?? 0)
  signal.addEventListener('abort', repositories.stop, { once: true })
  if (state && state.apiKey === null) return say('The demo is there already; sign in as before.')

  if (!state) {
    const password = randomBytes(12).toString('base64url')
    const made = await initialise({ email, name: 'Ada Lovelace', team: 'Corner Shop', password })
    if (!made) {
      repositories.stop()
      return say('This panel is set up already, and the demo fills only a new one: HOSTLER_DATA=./demo bin/up --demo')
    }
    state = { gitPort: repositories.port, team: made.team, apiKey: made.apiKey }
    writeState(folder, state)
    say(
      box([
        'The demo is being filled. Sign in and watch:',
        '',
        `  Open       ${made.url}`,
        `  Email      ${email}`,
        `  Password   ${password}   (shown this once)`,
      ]),
    )
  }

  const ask = api({ url, team: state.team, apiKey: state.apiKey ?? '', signal })
  await readyServer(ask, signal)
  const address = await tellStory(ask, { folder, signal, gitUrl: `http://127.0.0.1:${repositories.port}` })
  writeState(folder, { ...state, apiKey: null })
  say(
    box([
      'The demo is complete: four sites, of which one failed its last deploy and one was rolled back.',
      '',
      `  hello      ${address}`,
    ]),
  )
}

/** @param {readonly string[]} lines */
function box(lines) {
  const rule = '─'.repeat(Math.max(...lines.map((line) => line.length)))
  return ['', rule, ...lines, rule, ''].join('\n')
}
