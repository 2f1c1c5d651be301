import type { Knex } from 'knex'
import type { TeamTx } from '../platform/access/ctx.js'
import type { DeploysRow, OperationsRow, ServersRow, SitesRow } from '../platform/db/tables.js'

/** With how the newest deploy stands; all of that is null where there is none. */
export type ListedSite = Pick<
  SitesRow,
  'id' | 'slug' | 'name' | 'state' | 'branch' | 'repository_url' | 'port' | 'edge' | 'served_url' | 'created_at'
> & {
  server_id: string
  server_name: string
  server_slug: string
  server_kind: ServersRow['kind']
  server_address: string | null
} & {
  deploy_number: DeploysRow['number'] | null
  deploy_status: OperationsRow['status'] | null
  deploy_folded: boolean
  deploy_rolled_back: boolean
  deploy_at: Date | null
}

export interface SiteFilter {
  after: { createdAt: string; id: string } | null
  search: string | null
  state: SitesRow['state'] | null
  serverId: string | null
  limit: number
}

/** Newest first. Server and last deploy are looked up for the rows of this page alone. */
export function sitesPage(tx: TeamTx, filter: SiteFilter): Promise<ListedSite[]> {
  const rows = tx
    .db('sites')
    .where({ team_id: tx.ctx.team.id })
    .select(...listedColumns, 'server_id')
    // A preview stands on the page of its site.
    .whereNull('preview_of')
    .modify((query) => {
      if (filter.after) query.whereRaw('(created_at, id) < (?, ?)', [filter.after.createdAt, filter.after.id])
      if (filter.state) query.where({ state: filter.state })
      if (filter.serverId) query.where({ server_id: filter.serverId })
      if (filter.search) query.where((found) => searched(found, filter.search ?? ''))
    })
    .orderBy([
      { column: 'created_at', order: 'desc' },
      { column: 'id', order: 'desc' },
    ])
    .limit(filter.limit, { skipBinding: true })
    .as('s')
  return tx
    .db(rows)
    .select<ListedSite[]>(
      ...listedColumns.map((column) => `s.${column}`),
      ...[
        's.server_id',
        'h.name as server_name',
        'h.slug as server_slug',
        'h.kind as server_kind',
        'h.address as server_address',
      ],
      ...['d.number as deploy_number', 'o.status as deploy_status'],
      tx.db.raw('d.folded_into is not null as deploy_folded'),
      tx.db.raw('d.rolled_back_at is not null as deploy_rolled_back'),
      tx.db.raw('coalesce(o.ended_at, d.created_at) as deploy_at'),
    )
    .joinRaw('join lateral (select name, slug, kind, address from servers where id = s.server_id limit 1) h on true')
    .joinRaw(
      `left join lateral (select operation_id, number, folded_into, rolled_back_at, created_at from deploys
         where site_id = s.id order by number desc limit 1) d on true`,
    )
    .joinRaw('left join lateral (select status, ended_at from operations where id = d.operation_id limit 1) o on true')
    .orderBy([
      { column: 's.created_at', order: 'desc' },
      { column: 's.id', order: 'desc' },
    ])
}

const listedColumns = [
  ...(['id', 'slug', 'name', 'state', 'branch'] as const),
  ...(['repository_url', 'port', 'edge', 'served_url', 'created_at'] as const),
]

/** What somebody typed stands for itself: % and _ are no wildcards. */
function searched(query: Knex.QueryBuilder, text: string): void {
  const part = `%${text.replace(/[\\%_]/g, '\\$&')}%`
  query.whereILike('name', part).orWhereILike('slug', part).orWhereILike('repository_url', part)
}
