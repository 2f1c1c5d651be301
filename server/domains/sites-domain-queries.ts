import type { TeamTx } from '../platform/access/ctx.js'
import type { TransactionOf } from '../platform/db/doors.js'
import type { DomainsRow, SitesRow } from '../platform/db/tables.js'

const ofTeam = (tx: TeamTx) => tx.db('domains').where({ team_id: tx.ctx.team.id })

export const maybeSitesDomain = (tx: TeamTx, serverId: string): Promise<DomainsRow | undefined> =>
  ofTeam(tx).select('*').where({ server_id: serverId }).first()

/** It can neither be removed nor go to others before the end of the transaction, so that what it gives is not left over. */
export const maybeProven = (tx: TeamTx, serverId: string): Promise<DomainsRow | undefined> =>
  ofTeam(tx).select('*').where({ server_id: serverId }).whereNotNull('verified_at').forShare().first()

export const maybeGiven = (tx: TeamTx, siteId: string): Promise<Pick<DomainsRow, 'name'> | undefined> =>
  ofTeam(tx).select('name').where({ site_id: siteId }).whereNotNull('sites_domain_id').first()

export type Given = Pick<DomainsRow, 'id' | 'name'> & Pick<SitesRow, 'slug'> & { site_name: string }

/** What it gives to whom. */
export const givenBy = (tx: TeamTx, id: string, limit: number): Promise<Given[]> =>
  tx
    .db('domains as d')
    .join('sites as s', 's.id', 'd.site_id')
    .where({ 'd.team_id': tx.ctx.team.id, 'd.sites_domain_id': id })
    .orderBy('s.name')
    .limit(limit)
    .select<Given[]>('d.id', 'd.name', 's.slug', 's.name as site_name')

/** The edge has to hear of all that goes with it. */
export const touchGiven = async (tx: TeamTx, id: string): Promise<void> =>
  void (await tx
    .db('fronts')
    .where({ team_id: tx.ctx.team.id })
    .whereIn('site_id', ofTeam(tx).select('site_id').where({ sites_domain_id: id }))
    .update({ revision: tx.db.raw('revision + 1') }))

/** Sites on servers with a proven sites domain that have no name by it, over all teams. */
export const namelessSites = (
  db: TransactionOf<'system'>,
  limit: number,
): Promise<{ site_id: string; team_id: string }[]> =>
  db('domains as w')
    .join('sites as s', 's.server_id', 'w.server_id')
    .whereNotNull('w.verified_at')
    .whereNull('s.delete_requested_at')
    .whereNotExists(
      db('domains as d')
        .select('d.id')
        .whereRaw("d.site_id = s.id and (d.sites_domain_id = w.id or d.name = s.slug || '.' || w.parent)"),
    )
    .orderBy('s.id')
    .limit(limit)
    .select('s.id as site_id', 's.team_id')
