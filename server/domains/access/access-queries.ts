import type { TeamTx } from '../../platform/access/ctx.js'
import type { VisitorPasswordsRow } from '../../platform/db/tables.js'

const ofTeam = (tx: TeamTx) => tx.db('visitor_passwords').where({ team_id: tx.ctx.team.id })

/** All but the hash, which only the edge needs. */
export type Visitor = Pick<VisitorPasswordsRow, 'id' | 'username' | 'changed_at'>

export const visitorsOf = (tx: TeamTx, siteId: string): Promise<Visitor[]> =>
  ofTeam(tx).select('id', 'username', 'changed_at').where({ site_id: siteId }).orderBy('username')

export const hashesOf = (
  tx: TeamTx,
  siteId: string,
): Promise<Pick<VisitorPasswordsRow, 'username' | 'password_hash' | 'changed_at'>[]> =>
  ofTeam(tx).select('username', 'password_hash', 'changed_at').where({ site_id: siteId }).orderBy('username')

/** Whoever is there already has this password from now on. */
export const putVisitor = async (tx: TeamTx, row: VisitorPasswordsRow): Promise<void> =>
  void (await tx
    .db('visitor_passwords')
    .insert(row)
    .onConflict(['site_id', 'username'])
    .merge(['password_hash', 'changed_at']))

/** Nobody else gets in any more. */
export async function replaceVisitors(tx: TeamTx, siteId: string, rows: VisitorPasswordsRow[]): Promise<void> {
  await ofTeam(tx).where({ site_id: siteId }).delete()
  if (rows.length > 0) await tx.db('visitor_passwords').insert(rows)
}

/** Undefined when there is no such one of that site. */
export async function deleteVisitor(tx: TeamTx, siteId: string, id: string): Promise<Visitor | undefined> {
  const [gone] = await ofTeam(tx).where({ site_id: siteId, id }).delete().returning(['id', 'username', 'changed_at'])
  return gone
}
