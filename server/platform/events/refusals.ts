import { createHash } from 'node:crypto'
import type { Actor } from '../access/ctx.js'
import { addressBucket } from '../address-bucket.js'
import type { RefusalsRow } from '../db/tables.js'
import { gather } from '../gather.js'
import type { Services } from '../services.js'
import { appendInTeam, appendOutsideTeams } from './append.js'
import type { NewEvent, OutsideEvent } from './event.js'
import * as queries from './refusal-queries.js'

/**
 * Something was refused: a page, a key, a signature. The first of an hour is an event at once; the same again is counted,
 * by all web processes together, and how often it was is one more event when the hour is over. So nobody who is refused
 * can fill the log, and nothing that was refused is left out of it.
 */
export type Refusal = {
  readonly actor: Actor
  /** What makes two of them the same besides team, type, subject, who asked and from where (an IPv6 /64 is one). */
  readonly about: string
} & (
  | { readonly teamId: string; readonly event: TeamEvent }
  /** It belongs to no team. */
  | { readonly teamId: null; readonly event: OutsideEvent }
)

/** Whoever is not signed in. */
export const visitor: Actor = { kind: 'system', id: null, name: 'Visitor' }

/** Of one type, in one team, in an hour. What comes from yet more addresses is counted together. */
const mostOfType = 100

type Note = (refusal: Refusal) => Promise<void>
const notes = new WeakMap<Services, Note>()

/** Resolves once it is written down, and also where it could not be: that is told to the log of the process. */
export const noteRefusal = (services: Services, refusal: Refusal): Promise<void> =>
  noteOf(services)(refusal).catch((error) =>
    services.log.warn({ err: error, type: refusal.event.type }, 'a refusal was not written down'),
  )

/** A flood is written in a handful of transactions, one at a time, so it leaves the connections to others. */
function noteOf(services: Services): Note {
  const known = notes.get(services)
  if (known) return known
  const note = gather((all: readonly Refusal[]) => noteAll(services, all), { most: 500 })
  notes.set(services, note)
  return note
}

/** Counts before chains, each in one order, so that two processes never wait for each other. */
const noteAll = (services: Services, all: readonly Refusal[]): Promise<undefined[]> =>
  services.db.asIdentity(async (db) => {
    const now = services.clock()
    const first: RefusalsRow[] = []
    const crowd: RefusalsRow[] = []
    for (const row of summed(all.map((refusal) => rowOf(refusal, now)))) {
      const isFirst = await queries.countRefusals(db, row, mostOfType)
      if (isFirst) first.push(row)
      if (isFirst === null) crowd.push(crowdOf(row))
    }
    for (const row of summed(crowd)) if (await queries.countRefusals(db, row, null)) first.push(row)
    for (const { team_id: team, actor, event } of byTeam(first))
      await tell(db, team, actor as Actor, event as Told, now)
    return all.map(() => undefined)
  })

/** Tells how often, of every hour that is over. What was refused once has been told already. */
export async function tellRepeatedRefusals(services: Services, signal: AbortSignal): Promise<void> {
  const hour = hourOf(services.clock())
  while (!signal.aborted) {
    const taken = await services.db.asSystem(async (db) => {
      const rows = await queries.takeRefusals(db, hour, atOnce)
      for (const { team_id: team, actor, event, times, hour: since } of byTeam(rows)) {
        if (times === 1) continue
        const told = event as Told
        const data = { ...told.data, repeated: times - 1, since }
        await tell(db, team, actor as Actor, { ...told, data }, services.clock())
      }
      return rows.length
    })
    if (taken < atOnce) return
  }
}

const atOnce = 200

type TeamEvent = NewEvent & Pick<OutsideEvent, 'address'>
type Told = OutsideEvent

const tell = (
  db: Parameters<typeof appendInTeam>[0],
  teamId: string | null,
  actor: Actor,
  event: Told,
  now: Date,
): Promise<string> =>
  teamId === null ? appendOutsideTeams(db, actor, event, now) : appendInTeam(db, teamId, actor, event as TeamEvent, now) // `as`: it was one when it was noted

function rowOf({ teamId, actor, event, about }: Refusal, now: Date): RefusalsRow {
  const from = event.address == null ? null : addressBucket(event.address)
  const same = [teamId, event.type, event.subject.kind, event.subject.id, actor.id ?? actor.name, about, from]
  return { ...facts(teamId, event.type, now), key: keyOf(same, now), actor, event, times: 1 }
}

/** In place of those that are one too many: who and from where is said of none of them. */
function crowdOf({ team_id, type, event, hour, times }: RefusalsRow): RefusalsRow {
  const { kind } = (event as Told).subject
  const told = { type, subject: { kind, id: null, name: 'various' }, data: { crowd: true } }
  return {
    ...facts(team_id, type, hour),
    key: keyOf([team_id, type, 'crowd'], hour),
    actor: visitor,
    event: told,
    times,
  }
}

const facts = (team_id: string | null, type: string, now: Date) => ({ team_id, type, hour: hourOf(now) })

const keyOf = (same: readonly unknown[], now: Date): Buffer =>
  createHash('sha256')
    .update(JSON.stringify([...same, hourOf(now)]))
    .digest()

function hourOf(now: Date): Date {
  const hour = new Date(now)
  hour.setUTCMinutes(0, 0, 0)
  return hour
}

/** Each once, with how often it came, in the order of their keys. */
function summed(rows: readonly RefusalsRow[]): RefusalsRow[] {
  const byKey = new Map<string, RefusalsRow>()
  for (const row of rows) {
    const name = row.key.toString('hex')
    byKey.set(name, { ...row, times: row.times + (byKey.get(name)?.times ?? 0) })
  }
  return [...byKey].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, row]) => row)
}

const byTeam = (rows: readonly RefusalsRow[]): RefusalsRow[] =>
  [...rows].sort((one, other) => ((one.team_id ?? '') < (other.team_id ?? '') ? -1 : 1))
