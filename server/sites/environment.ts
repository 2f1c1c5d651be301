import type { TeamTx } from '../platform/access/ctx.js'
import type { EnvironmentVariablesRow } from '../platform/db/tables.js'
import type { Secret } from '../platform/secret.js'
import { environmentOf } from './queries.js'

/** When a variable is there: while building, while running, or both. */
export type VariableKind = EnvironmentVariablesRow['kind']

export interface OpenVariable {
  key: string
  kind: VariableKind
  isSecret: boolean
  value: Secret
}

/** The identity that a variable's value is sealed with. */
export const placeOf = (siteId: string, key: string) => ({
  table: 'environment_variables',
  id: `${siteId}/${key}`,
  column: 'value_sealed',
})

/** The site's environment, opened; for deploys only. */
export async function openEnvironment(tx: TeamTx, siteId: string): Promise<OpenVariable[]> {
  const { vault } = tx.ctx.services
  const rows = await environmentOf(tx, siteId)
  return rows.map((row) => ({
    key: row.key,
    kind: row.kind,
    isSecret: row.is_secret,
    value: vault.open(row.value_sealed, placeOf(siteId, row.key)),
  }))
}
