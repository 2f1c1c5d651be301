import type { TeamTx } from '../platform/access/ctx.js'
import type { EventsRow, ServersRow, SitesRow } from '../platform/db/tables.js'

export interface EventFilter {
  subject: { kind: 'site' | 'server'; id: string } | null
  actorId: string | null
  /** Where a page ended. */
  below: readonly [at: Date, sequence: number] | null
}

/** Newest first. */
export const eventsBelow = (
  tx: TeamTx,
  { subject, actorId, below }: EventFilter,
  limit: number,
): Promise<EventsRow[]> =>
  tx
    .db('events')
    .where({ team_id: tx.ctx.team.id })
    .modify((query) => {
      if (subject) query.where({ subject_kind: subject.kind, subject_id: subject.id })
      if (actorId) query.where({ actor_id: actorId })
      if (below !== null) query.whereRaw('(at, sequence) < (?, ?)', [...below])
    })
    .select('*')
    // By time first, as the months are: the newest alone is looked at.
    .orderBy([
      { column: 'at', order: 'desc' },
      { column: 'sequence', order: 'desc' },
    ])
    .limit(limit)

type Named<Row extends { id: string; slug: string; name: string }> = Pick<Row, 'id' | 'slug' | 'name'>

export const sitesNamed = (tx: TeamTx, ids: readonly string[]): Promise<Named<SitesRow>[]> =>
  tx
    .db('sites')
    .select('id', 'slug', 'name')
    .where({ team_id: tx.ctx.team.id })
    .whereIn('id', [...ids])

export const serversNamed = (tx: TeamTx, ids: readonly string[]): Promise<Named<ServersRow>[]> =>
  tx
    .db('servers')
    .select('id', 'slug', 'name')
    .where({ team_id: tx.ctx.team.id })
    .whereIn('id', [...ids])

/** How long the chain is, by its head. */
export const chainLength = async (tx: TeamTx): Promise<number> =>
  (await tx.db('event_heads').select('sequence').where({ team_id: tx.ctx.team.id }).first())?.sequence ?? 0
