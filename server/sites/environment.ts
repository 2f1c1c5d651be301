import type { TeamTx } from '../platform/access/ctx.js'
import type { EnvironmentVariablesRow, SitesRow } from '../platform/db/tables.js'
import { conflict, FieldError, notFound } from '../platform/errors.js'
import { append } from '../platform/events/append.js'
import { fingerprintIn } from '../platform/events/fingerprint.js'
import { Secret } from '../platform/secret.js'
import { refuseUnless } from '../platform/verdict.js'
import { deleteVariables as deleteRows, environmentOf, maybeVariable, putVariables } from './environment-queries.js'
import { siteCan } from './rules.js'
import { mostVariables, type NewVariable, placeholder, type VariableKind, whyNotKey } from './variables.js'

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

/** What tells that a value changed, without the value: as a release keeps it. */
export const environmentDigests = async (tx: TeamTx, siteId: string): Promise<Record<string, string>> =>
  Object.fromEntries((await environmentOf(tx, siteId)).map((row) => [row.key, row.value_digest.toString('base64url')]))

export interface ShownVariable {
  key: string
  kind: VariableKind
  isSecret: boolean
  /** Null for a secret: it is written and never read back. */
  value: string | null
  updatedAt: Date
}

export async function listVariables(tx: TeamTx, siteId: string): Promise<ShownVariable[]> {
  const rows = await environmentOf(tx, siteId)
  return rows.map((row) => shown(tx, row))
}

const shown = (tx: TeamTx, row: EnvironmentVariablesRow): ShownVariable => ({
  key: row.key,
  kind: row.kind,
  isSecret: row.is_secret,
  value: row.is_secret ? null : opened(tx, row).reveal(),
  updatedAt: row.updated_at,
})

const opened = (tx: TeamTx, row: EnvironmentVariablesRow): Secret =>
  tx.ctx.services.vault.open(row.value_sealed, placeOf(row.site_id, row.key))

/** Writes these and leaves the others alone. */
export async function putEnvironment(tx: TeamTx, site: SitesRow, variables: readonly NewVariable[]): Promise<void> {
  const { vault } = tx.ctx.services
  const now = tx.ctx.now()
  const rows = variables.map(({ key, value, kind, isSecret }) => ({
    site_id: site.id,
    team_id: site.team_id,
    key,
    kind,
    is_secret: isSecret,
    value_sealed: vault.seal(new Secret(value), placeOf(site.id, key)),
    value_digest: vault.digest(new Secret(value), site.id),
    updated_at: now,
  }))
  await putVariables(tx, rows)
  if ((await environmentOf(tx, site.id)).length > mostVariables)
    throw conflict(`A site has at most ${mostVariables} variables`)
}

/** All of it at once, for a site whose environment nobody edits. */
export async function replaceEnvironment(tx: TeamTx, site: SitesRow, variables: readonly NewVariable[]): Promise<void> {
  const kept = new Set(variables.map(({ key }) => key))
  const before = (await environmentOf(tx, site.id)).map(({ key }) => key)
  await deleteRows(
    tx,
    site.id,
    before.filter((key) => !kept.has(key)),
  )
  await putEnvironment(tx, site, variables)
}

export async function addVariable(tx: TeamTx, site: SitesRow, variable: NewVariable): Promise<ShownVariable> {
  allowChange(site)
  if (await maybeVariable(tx, site.id, variable.key))
    throw new FieldError('key', `There is a ${variable.key} already. Change it in the list`)
  await putEnvironment(tx, site, [variable])
  const after = { [variable.key]: fingerprint(await find(tx, site.id, variable.key)) }
  await changed(tx, site, { added: [variable.key], after })
  return findShown(tx, site.id, variable.key)
}

export interface VariableChange {
  /** Left out, or the placeholder of a secret, or nothing where a secret was: the value stays. */
  value?: string | undefined
  kind?: VariableKind | undefined
  isSecret?: boolean | undefined
}

export async function changeVariable(
  tx: TeamTx,
  site: SitesRow,
  key: string,
  change: VariableChange,
): Promise<ShownVariable> {
  allowChange(site)
  const row = await find(tx, site.id, key)
  const isKept = change.value === undefined || (row.is_secret && ['', placeholder].includes(change.value))
  const { kind = row.kind, isSecret = row.is_secret } = change
  const why = whyNotKey(key, kind)
  if (why) throw new FieldError('kind', why)
  // A value that was hidden would otherwise come out by changing what it is.
  if (row.is_secret && !isSecret && isKept)
    throw new FieldError('value', 'A secret is never shown again. Type the value that everybody may see')
  const value = isKept ? opened(tx, row).reveal() : (change.value ?? '')
  await putEnvironment(tx, site, [{ key, kind, isSecret, value }])
  const before = { [key]: fingerprint(row) }
  await changed(tx, site, { changed: [key], before, after: { [key]: fingerprint(await find(tx, site.id, key)) } })
  return findShown(tx, site.id, key)
}

export async function removeVariable(tx: TeamTx, site: SitesRow, key: string): Promise<void> {
  allowChange(site)
  const row = await find(tx, site.id, key)
  await deleteRows(tx, site.id, [key])
  await changed(tx, site, { removed: [key], before: { [key]: fingerprint(row) } })
}

const fingerprint = (row: EnvironmentVariablesRow): string => fingerprintIn(row.value_digest)

/** The names and never the values. */
export const changed = (
  tx: TeamTx,
  site: Pick<SitesRow, 'id' | 'name'>,
  data: { added?: string[]; changed?: string[]; removed?: string[] } & Partial<Record<'before' | 'after', object>>,
): Promise<string> =>
  append(tx, { type: 'site.environment-changed', subject: { kind: 'site', id: site.id, name: site.name }, data })

export function allowChange(site: SitesRow): void {
  refuseUnless(siteCan.change(site))
}

const find = async (tx: TeamTx, siteId: string, key: string): Promise<EnvironmentVariablesRow> => {
  const row = await maybeVariable(tx, siteId, key)
  if (!row) throw notFound('variable')
  return row
}

const findShown = async (tx: TeamTx, siteId: string, key: string) => shown(tx, await find(tx, siteId, key))
