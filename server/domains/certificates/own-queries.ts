import type { TeamTx } from '../../platform/access/ctx.js'
import type { OwnCertificatesRow } from '../../platform/db/tables.js'

const ofTeam = (tx: TeamTx) => tx.db('own_certificates').where({ team_id: tx.ctx.team.id })

/** All but the key, which only the edge needs. */
export type OwnCertificate = Omit<OwnCertificatesRow, 'key_sealed' | 'team_id' | 'chain'>

export const maybeOwn = (tx: TeamTx, domainId: string): Promise<OwnCertificate | undefined> =>
  ofTeam(tx)
    .select('domain_id', 'issuer', 'begins_at', 'ends_at', 'given_by', 'given_at', 'source')
    .where({ domain_id: domainId })
    .first()

export const putOwn = async (tx: TeamTx, row: OwnCertificatesRow): Promise<void> =>
  void (await tx.db('own_certificates').insert(row).onConflict('domain_id').merge())

export const deleteOwn = async (tx: TeamTx, domainId: string): Promise<boolean> =>
  (await ofTeam(tx).where({ domain_id: domainId }).delete()) === 1

/** What is shown of a domain comes from another one from now on. */
export const forgetSeen = async (tx: TeamTx, domainId: string): Promise<void> =>
  void (await tx
    .db('certificates')
    .where({ team_id: tx.ctx.team.id })
    .whereIn('domain_id', shownBy(tx, domainId))
    .update({ look_due_at: tx.ctx.now() }))

/** The domain, and the names that it gives to sites. */
const shownBy = (tx: TeamTx, domainId: string) =>
  tx
    .db('domains')
    .select('id')
    .where({ team_id: tx.ctx.team.id })
    .where((its) => its.where({ id: domainId }).orWhere({ sites_domain_id: domainId }))

export type Sealed = Pick<OwnCertificatesRow, 'domain_id' | 'chain' | 'key_sealed'> & { name: string }

/** For the edge: of names that are proven. A name that its server gives has the one of the sites domain, unless it has its own. */
export const sealedOf = (tx: TeamTx, siteId: string): Promise<Sealed[]> =>
  tx
    .db('own_certificates as o')
    .joinRaw('join domains as d on o.domain_id in (d.id, d.sites_domain_id)')
    .where({ 'o.team_id': tx.ctx.team.id, 'd.site_id': siteId })
    .whereNotNull('d.verified_at')
    .distinctOn('d.id')
    .orderByRaw('d.id, o.domain_id <> d.id')
    .select<Sealed[]>('o.domain_id', 'o.chain', 'o.key_sealed', 'd.name')
