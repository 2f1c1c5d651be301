import { setTimeout as wait } from 'node:timers/promises'
import { UserError } from '../../../platform/errors.js'
import type { Host } from '../../../platform/ssh/host.js'
import { type Answer, ask, type Question } from '../ask.js'
import { portTaken } from '../probe.js'
import { isSameJson, type Json } from './json.js'

export type AdminDoor = { port: number } | { socket: string }

/** Changing the configuration takes as long as the oldest `shutdown_delay` in it, and others may be changing it too. */
const changeTimeoutMs = 60_000
const mostAttempts = 8

/** Reads the whole configuration; throws a `UserError` where Caddy is out of reach. */
export async function readConfig(host: Host, door: AdminDoor): Promise<{ config: Json; etag: string | null }> {
  const answer = await askAdmin(host, door, { method: 'GET', path: '/config/' })
  if (answer.status !== 200) throw refused(host, answer)
  return { config: JSON.parse(answer.body) as Json, etag: answer.etag }
}

/** A part of it, where the whole may be large. Null where there is none. */
export async function readValue(host: Host, door: AdminDoor, path: readonly string[]): Promise<Json> {
  const answer = await askAdmin(host, door, { method: 'GET', path: `/config/${path.join('/')}` })
  // Caddy says 400 where there is nothing that the path could lead through.
  if (answer.status === 400) return null
  if (answer.status !== 200) throw refused(host, answer)
  return JSON.parse(answer.body) as Json
}

export type Change = (config: Json) => Json | Promise<Json>

/** What became of one of the changes that were written together. */
export type Outcome = { isChanged: boolean } | { error: unknown }

/**
 * Makes changes in one write, and in none when they give back the same. One that throws is left out. Caddy refuses the write if anybody
 * else wrote since we read (`If-Match`); then it is read and changed anew.
 */
export async function writeChanges(host: Host, door: AdminDoor, changes: readonly Change[]): Promise<Outcome[]> {
  for (let attempt = 1; attempt <= mostAttempts; attempt++) {
    const { config, etag } = await readConfig(host, door)
    const { changed, outcomes } = await applied(config, changes)
    if (isSameJson(config, changed)) return outcomes
    const headers = { 'Content-Type': 'application/json', ...(etag === null ? {} : { 'If-Match': etag }) }
    const answer = await askAdmin(host, door, {
      method: 'POST',
      path: '/config/',
      headers,
      body: JSON.stringify(changed),
    })
    if (answer.status === 200) return outcomes
    if (answer.status !== 412) throw refused(host, answer)
  }
  throw new UserError(
    409,
    `Somebody else keeps changing the configuration of Caddy on ${host.name}`,
    'Try again in a minute. If it goes on, look for a program that writes to its admin API.',
  )
}

async function applied(config: Json, changes: readonly Change[]): Promise<{ changed: Json; outcomes: Outcome[] }> {
  let changed = config
  const outcomes: Outcome[] = []
  for (const change of changes) {
    try {
      const next = await change(changed)
      outcomes.push({ isChanged: !isSameJson(changed, next) })
      changed = next
    } catch (error) {
      outcomes.push({ error })
    }
  }
  return { changed, outcomes }
}

/**
 * With each change Caddy replaces the listener of its admin API, and cuts who has just come to the old one. To ask again is
 * safe: a write that was done has changed the ETag that the second one names.
 */
async function askAdmin(
  host: Host,
  door: AdminDoor,
  question: Omit<Question, 'name' | 'timeoutMs'>,
  triesLeft = 5,
): Promise<Answer> {
  const name = 'port' in door ? `127.0.0.1:${door.port}` : ''
  try {
    return await ask(host, door, { ...question, name, timeoutMs: changeTimeoutMs })
  } catch (error) {
    if (error instanceof UserError) throw error
    if (triesLeft > 1 && wasCut(error)) {
      await wait(100)
      return askAdmin(host, door, question, triesLeft - 1)
    }
    const where = 'port' in door ? `port ${door.port}` : door.socket
    throw new UserError(503, `Caddy on ${host.name} does not answer on its admin ${where}`, startCaddy, {
      cause: error,
    })
  }
}

const wasCut = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ECONNRESET'

export const startCaddy =
  'Start it ("systemctl start caddy", or "caddy run" where there is no systemd) and make sure its configuration does not say "admin off", then try again.'

/** Caddy kept its old configuration. What it says is for people who know it, so it is put behind a sentence. */
function refused(host: Host, answer: Answer): UserError {
  const said = saidBy(answer)
  const port = /listen(?:ing on)? (?:tcp )?\S*?:(\d+)\b.*address already in use/.exec(said)?.[1]
  if (port !== undefined) return portTaken(host, port)
  if (/permission denied/.test(said))
    return new UserError(
      409,
      `Caddy on ${host.name} may not write the access log of the site (${said})`,
      'Prepare the server again, so that the folder belongs to the user that runs Caddy.',
    )
  return new UserError(502, `Caddy on ${host.name} refused the configuration: ${said}`)
}

function saidBy(answer: Answer): string {
  try {
    const parsed = JSON.parse(answer.body) as { error?: unknown }
    if (typeof parsed.error === 'string') return parsed.error.slice(0, 500)
  } catch {
    // Not JSON: shown as it came.
  }
  return `${answer.status} ${answer.body.slice(0, 500)}`.trim()
}
