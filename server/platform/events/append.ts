import type { Actor, TeamTx } from '../access/ctx.js'
import type { Transaction, TransactionOf } from '../db/doors.js'
import { newId } from '../ids.js'
import { type ChainedEvent, type NewEvent, type OutsideEvent, outsideTeams } from './event.js'
import { firstHash } from './hash.js'
import * as queries from './queries.js'

/** Readers listen on this channel; the payload is the team's id. */
export const eventsChannel = 'hostler_events'

/**
 * Adds an event to the team's chain, in the caller's transaction. It is written right before the commit, since until then
 * nobody else appends to that chain. Returns the event's id.
 */
export const append = (tx: TeamTx, event: NewEvent): Promise<string> =>
  appendTo(tx.db, tx.ctx.team.id, tx.ctx.actor, { ...event, address: tx.ctx.address }, tx.ctx.now())

/** The same for what belongs to no team. */
export const appendOutsideTeams = (db: Transaction, actor: Actor, event: OutsideEvent, now: Date): Promise<string> =>
  appendTo(db, outsideTeams, actor, event, now)

/** For what belongs to a team but is done without a `TeamCtx`: setup, and what the doors to servers find out. */
export const appendInTeam = (
  db: TransactionOf<'identity'> | TransactionOf<'system'> | TransactionOf<'operator'>,
  teamId: string,
  actor: Actor,
  event: NewEvent & Pick<OutsideEvent, 'address'>,
  now: Date,
): Promise<string> => appendTo(db, teamId, actor, event, now)

async function appendTo(
  db: Transaction,
  teamId: string,
  actor: Actor,
  event: OutsideEvent,
  now: Date,
): Promise<string> {
  const row: Waiting = {
    id: newId(),
    team_id: teamId,
    type: event.type,
    actor_kind: actor.kind,
    actor_id: actor.id,
    actor_name: kept(actor.name),
    subject_kind: event.subject.kind,
    subject_id: event.subject.id,
    subject_name: maybeKept(event.subject.name ?? nameIn(event.data)),
    address: maybeKept(event.address ?? null),
    // As it will come back from jsonb: no undefined, dates as text.
    data: JSON.parse(JSON.stringify({ ...event.data, ...marked(actor) }).replace(escapedUnkept, '\uFFFD')),
    at: now,
  }
  const others = waiting.get(db)
  if (others) others.push(row)
  else {
    waiting.set(db, [row])
    db.beforeCommit(() => writeAll(db))
  }
  return row.id
}

/** All but its place in the chain, which it has once the head is held. */
type Waiting = Omit<ChainedEvent, 'sequence' | 'previous_hash'>

const waiting = new WeakMap<Transaction, Waiting[]>()

/**
 * Chains are held in one order, so that two who append to the same ones never wait for each other; the one that everybody
 * shares comes last, so that who waits for a team's holds up nobody else.
 */
async function writeAll(db: Transaction): Promise<void> {
  const all = waiting.get(db) ?? []
  waiting.delete(db)
  const teams = [...new Set(all.map((event) => event.team_id))].filter((id) => id !== outsideTeams).sort()
  for (const id of [...teams, outsideTeams]) {
    const events = all.filter((event) => event.team_id === id)
    if (events.length > 0) await writeChain(db, id, events)
  }
}

async function writeChain(db: Transaction, teamId: string, events: readonly Waiting[]): Promise<void> {
  let { sequence, hash, at } = await queries.lockHead(db, teamId, firstHash)
  for (const event of events) {
    sequence++
    at = notBefore(at, event.at)
    hash = await queries.insertEvent(db, { ...event, sequence, at, previous_hash: hash })
  }
  await queries.notify(db, eventsChannel, teamId)
}

/** What an operator does who is in a team to help bears the grant that let them in (AZ-18). */
const marked = (actor: Actor) => (actor.kind === 'user' && actor.support ? { support: actor.support } : {})

/**
 * Two who append at once may come in another order than their clocks say, and a clock may be set back a little; the time
 * of a chain does not run backwards for that. A clock that was really wrong is believed again at once.
 */
function notBefore(last: Date | null, now: Date): Date {
  const backwardsMs = last ? last.getTime() - now.getTime() : 0
  return last && backwardsMs > 0 && backwardsMs < dayMs ? last : now
}

const dayMs = 24 * 3600_000

function nameIn(data: Record<string, unknown> = {}): string | null {
  const name = data.name ?? data.title
  return typeof name === 'string' ? name : null
}

/** What PostgreSQL would refuse or alter must not come into the hash. */
const kept = (text: string): string => text.replaceAll('\0', '\uFFFD').replace(/\p{Surrogate}/gu, '\uFFFD')

/** The same as JSON spells it. */
const escapedUnkept = /(?<=(?:^|[^\\])(?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/g

const maybeKept = (text: string | null): string | null => (text === null ? null : kept(text))
