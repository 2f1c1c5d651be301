import type { Actor, TeamTx } from '../access/ctx.js'
import type { Transaction, TransactionOf } from '../db/doors.js'
import { newId } from '../ids.js'
import { type ChainedEvent, type NewEvent, type OutsideEvent, outsideTeams } from './event.js'
import { firstHash } from './hash.js'
import * as queries from './queries.js'

/** Readers listen on this channel; the payload is the team's id. */
export const eventsChannel = 'hostler_events'

/**
 * Adds an event to the team's chain, in the caller's transaction. It holds the chain's head until the commit, so call it
 * last. Returns the event's id.
 */
export const append = (tx: TeamTx, event: NewEvent): Promise<string> =>
  appendTo(tx.db, tx.ctx.team.id, tx.ctx.actor, { ...event, address: tx.ctx.address }, tx.ctx.now())

/** The same for what belongs to no team. */
export const appendOutsideTeams = (db: Transaction, actor: Actor, event: OutsideEvent, now: Date): Promise<string> =>
  appendTo(db, outsideTeams, actor, event, now)

/** Before a team's chain, by who appends to it first and outside of it later: all who hold both take this one first. */
export const lockOutsideTeams = async (db: Transaction): Promise<void> =>
  void (await queries.lockHead(db, outsideTeams, firstHash))

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
  const head = await queries.lockHead(db, teamId, firstHash)
  const row: ChainedEvent = {
    id: newId(),
    team_id: teamId,
    sequence: head.sequence + 1,
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
    at: notBefore(head.at, now),
    previous_hash: head.hash,
  }
  await queries.insertEvent(db, row)
  await queries.notify(db, eventsChannel, teamId)
  return row.id
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
