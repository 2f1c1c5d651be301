import type { Knex } from 'knex'
import type { TeamTx } from '../platform/access/ctx.js'
import type { CertificatesRow, DomainsRow, FrontsRow } from '../platform/db/tables.js'

const ofTeam = (tx: TeamTx) => tx.db('domains').where({ team_id: tx.ctx.team.id })

/** The primary one first, then as they came, and what the server gives last. */
export const domainsOf = (tx: TeamTx, siteId: string): Promise<DomainsRow[]> =>
  ofTeam(tx)
    .select('*')
    .where({ site_id: siteId })
    .orderByRaw("role <> 'primary', sites_domain_id is not null, created_at, id")

export const maybeDomain = (tx: TeamTx, siteId: string, id: string): Promise<DomainsRow | undefined> =>
  ofTeam(tx).select('*').where({ site_id: siteId, id }).first()

export const maybeDomainById = (tx: TeamTx, id: string): Promise<DomainsRow | undefined> =>
  ofTeam(tx).select('*').where({ id }).first()

export const maybeNamed = (tx: TeamTx, name: string): Promise<DomainsRow | undefined> =>
  ofTeam(tx).select('*').where({ name }).first()

type NewDomainRow = Knex.ResolveTableType<Knex.TableType<'domains'>, 'insert'>

/** False when the team had that name in the same moment. */
export const insertDomain = async (tx: TeamTx, row: NewDomainRow): Promise<boolean> =>
  (await tx.db('domains').insert(row).onConflict(['team_id', 'name']).ignore().returning('id')).length === 1

type DomainChange = Knex.ResolveTableType<Knex.TableType<'domains'>, 'update'>

export const updateDomain = async (tx: TeamTx, id: string, change: DomainChange): Promise<void> =>
  void (await ofTeam(tx).where({ id }).update(change))

export const deleteDomain = async (tx: TeamTx, id: string): Promise<boolean> =>
  (await ofTeam(tx).where({ id }).delete()) === 1

const fronts = (tx: TeamTx, siteId: string) => tx.db('fronts').where({ site_id: siteId, team_id: tx.ctx.team.id })

export const maybeFront = (tx: TeamTx, siteId: string): Promise<FrontsRow | undefined> =>
  fronts(tx, siteId).select('*').first()

type FrontWish = Partial<
  Pick<FrontsRow, 'force_https' | 'hsts' | 'in_maintenance' | 'maintenance_text'> & { headers: string }
>

/** Says that the edge is no longer as it should be. */
export const touchFront = async (tx: TeamTx, siteId: string, change: FrontWish = {}): Promise<void> =>
  void (await tx
    .db('fronts')
    .insert({ site_id: siteId, team_id: tx.ctx.team.id, ...change })
    .onConflict('site_id')
    .merge({ ...change, revision: tx.db.raw('fronts.revision + 1') }))

export const certificatesOf = (tx: TeamTx, domainIds: readonly string[]): Promise<CertificatesRow[]> =>
  tx
    .db('certificates')
    .select('*')
    .where({ team_id: tx.ctx.team.id })
    .whereIn('domain_id', [...domainIds])
