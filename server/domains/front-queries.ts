import type { TeamTx } from '../platform/access/ctx.js'
import type { TransactionOf } from '../platform/db/doors.js'
import type { FrontsRow } from '../platform/db/tables.js'

/** Fronts that the edge does not have as they should be, over all teams. */
type System = TransactionOf<'system'>

export interface WaitingFront {
  site_id: string
  team_id: string
}

/** Not those that failed just now or whose server is away, nor those that somebody works on already. */
export const waitingFronts = (db: System, now: Date, limit: number): Promise<WaitingFront[]> =>
  db('fronts as f')
    .join('sites as s', 's.id', 'f.site_id')
    .join('servers as h', 'h.id', 's.server_id')
    .select('f.site_id', 'f.team_id')
    .whereRaw('f.applied_revision is distinct from f.revision')
    .where((due) => due.whereRaw('f.tried_revision is distinct from f.revision').orWhere('f.retry_at', '<=', now))
    .where('s.edge', 'caddy')
    .whereNot('h.status', 'unreachable')
    .whereNull('s.delete_requested_at')
    .whereNotExists(
      db('operations as o')
        .select('o.id')
        .whereRaw(
          "o.kind = 'serve-domains' and o.subject = 'site:' || f.site_id and o.status in ('queued', 'running')",
        ),
    )
    .limit(limit)

export interface KeptSite {
  site_id: string
  team_id: string
  server_id: string
  /** Of which the edge has at least the proof. */
  has_names: boolean
}

/** What Caddy has of sites as it should be, as far as we know. Not of those that it is about to get, nor that somebody works on. */
export const keptSites = (db: System): Promise<KeptSite[]> =>
  db('sites as s')
    .join('servers as h', 'h.id', 's.server_id')
    .leftJoin('fronts as f', 'f.site_id', 's.id')
    .select(
      ...(['s.id as site_id', 's.team_id', 's.server_id'] as const),
      db.raw(
        `exists (select from domains as d where d.site_id = s.id and (d.verified_at is not null or d.name not like '*.%')) as has_names`,
      ),
    )
    .where({ 's.edge': 'caddy', 'h.status': 'ready', 's.delete_requested_at': null })
    .where((known) =>
      known
        .whereRaw('f.applied_revision = f.revision')
        .orWhere((plain) => plain.whereNull('f.site_id').whereNotNull('s.live_release_id')),
    )
    .whereNotExists(
      db('operations as o').select('o.id').whereRaw("o.subject = 'site:' || s.id and o.status = 'running'"),
    )

/** Of edges that were set up before it was written down: they have what is set, so that an upgrade changes none of them. */
export const assumeCa = async (db: System, ca: string): Promise<void> =>
  void (await db('fronts').whereRaw('applied_revision = revision').whereNull('applied_ca').update({ applied_ca: ca }))

/** Those whose edge has other settings of the CA are no longer as they should be. */
export const touchOtherCa = async (db: System, ca: string): Promise<void> =>
  void (await db('fronts')
    .whereRaw('applied_revision = revision and applied_ca <> ?', [ca])
    .update({ revision: db.raw('revision + 1') }))

const fronts = (tx: TeamTx, siteId: string) => tx.db('fronts').where({ site_id: siteId, team_id: tx.ctx.team.id })

export const hasOpenOperation = async (tx: TeamTx, siteId: string): Promise<boolean> =>
  (await tx
    .db('operations')
    .select('id')
    .where({ kind: 'serve-domains', subject: `site:${siteId}` })
    .whereIn('status', ['queued', 'running'])
    .first()) !== undefined

/** Two who ask for the same in one moment wait for each other here. */
export const lockFront = (tx: TeamTx, siteId: string): Promise<FrontsRow | undefined> =>
  fronts(tx, siteId).select('*').forUpdate().first()

type FrontChange = Partial<Omit<FrontsRow, 'site_id' | 'team_id'>>

export const updateFront = async (tx: TeamTx, siteId: string, change: FrontChange): Promise<void> =>
  void (await fronts(tx, siteId).update(change))

/** Whatever has them now does not have these any more. */
export const forgetApplied = async (tx: TeamTx, siteIds: readonly string[]): Promise<void> =>
  void (await tx
    .db('fronts')
    .where({ team_id: tx.ctx.team.id })
    .whereIn('site_id', [...siteIds])
    .update({ applied_revision: null, tried_revision: null, failures: 0 }))
