import type { TeamTx } from '../platform/access/ctx.js'
import type { EnvironmentVariablesRow } from '../platform/db/tables.js'

const variablesOf = (tx: TeamTx, siteId: string) =>
  tx.db('environment_variables').where({ site_id: siteId, team_id: tx.ctx.team.id })

/** By key. */
export const environmentOf = (tx: TeamTx, siteId: string): Promise<EnvironmentVariablesRow[]> =>
  variablesOf(tx, siteId).select('*').orderBy('key')

export const maybeVariable = (tx: TeamTx, siteId: string, key: string): Promise<EnvironmentVariablesRow | undefined> =>
  variablesOf(tx, siteId).select('*').where({ key }).first()

export const putVariables = async (tx: TeamTx, rows: readonly EnvironmentVariablesRow[]): Promise<void> =>
  void (
    rows.length > 0 &&
    (await tx
      .db('environment_variables')
      .insert([...rows])
      .onConflict(['site_id', 'key'])
      .merge(['kind', 'is_secret', 'value_sealed', 'value_digest', 'updated_at']))
  )

export const deleteVariables = async (tx: TeamTx, siteId: string, keys: readonly string[]): Promise<number> =>
  keys.length === 0 ? 0 : variablesOf(tx, siteId).whereIn('key', keys).delete()
