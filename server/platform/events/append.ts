import type { Actor, TeamTx } from '../access/ctx.js'
import type { Transaction, TransactionOf } from '../db/doors.js'
import { newId } from '../ids.js'
import { type ChainedEvent, firstHash, hashOf, type NewEvent, type OutsideEvent, outsideTeams } from './event.js'
import * as queries from './queries.js'

/** Readers listen on this channel; the payload is the team's id. */
export const eventsChannel = 'hostler_events'

/**
 * Adds an event to the team's chain, in the caller's transaction. It holds the chain's head until the commit, so call it
 * last. Returns the event's id.
 */
export const append = (tx: TeamTx, event: NewEvent): Promise<string> =>
  appendTo(tx.db, tx.ctx.team.id, tx.ctx.actor, event, tx.ctx.now())

/** The same for what belongs to no team. */
export const appendOutsideTeams = (db: Transaction, actor: Actor, event: OutsideEvent, now: Date): Promise<string> =>
  appendTo(db, outsideTeams, actor, event, now)

/** For what belongs to a team but is done without a `TeamCtx`: setup, and what the doors to servers find out. */
export const appendInTeam = (
  db: TransactionOf<'identity'> | TransactionOf<'system'>,
  teamId: string,
  actor: Actor,
  event: NewEvent,
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
    actor_name: actor.name,
    subject_kind: event.subject.kind,
    subject_id: event.subject.id,
    // As it will come back from jsonb: no undefined, dates as text.
    data: JSON.parse(JSON.stringify(event.data ?? {})),
    at: now,
    previous_hash: head.hash,
  }
  await queries.insertEvent(db, row, hashOf(row))
  await queries.notify(db, eventsChannel, teamId)
  return row.id
}
