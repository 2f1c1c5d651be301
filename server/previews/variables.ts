import type { TeamCtx, TeamTx } from '../platform/access/ctx.js'
import type { PreviewVariablesRow, SitesRow } from '../platform/db/tables.js'
import { conflict, notFound } from '../platform/errors.js'
import { append } from '../platform/events/append.js'
import { Secret } from '../platform/secret.js'
import { refuseUnless } from '../platform/verdict.js'
import { findLocked, type NewVariable, openEnvironment, siteCan } from '../sites/sites.js'
import * as queries from './queries.js'
import { environmentOf } from './rules.js'

/** What previews have instead of the site's own variable of that name. */

const mostVariables = 200

/** Written anew where there is one of that name. Previews that run take it with their next deploy. */
export const setPreviewVariable = (ctx: TeamCtx, slug: string, variable: NewVariable): Promise<void> =>
  ctx.transaction(async (tx) => {
    const site = await changeable(tx, slug)
    const { key, kind, isSecret, value } = variable
    await queries.putVariable(tx, {
      ...{ site_id: site.id, team_id: site.team_id, key, kind, is_secret: isSecret, updated_at: ctx.now() },
      value_sealed: ctx.services.vault.seal(new Secret(value), placeOf(site.id, key)),
    })
    if ((await queries.variablesOf(tx, site.id)).length > mostVariables)
      throw conflict(`Previews have at most ${mostVariables} variables of their own`)
    await changed(tx, site, { set: key })
  })

export const removePreviewVariable = (ctx: TeamCtx, slug: string, key: string): Promise<void> =>
  ctx.transaction(async (tx) => {
    const site = await changeable(tx, slug)
    if (!(await queries.deleteVariable(tx, site.id, key))) throw notFound('variable')
    await changed(tx, site, { removed: key })
  })

/** All that a preview of the site runs with. */
export async function previewEnvironment(tx: TeamTx, site: SitesRow, isFork: boolean): Promise<NewVariable[]> {
  const forPreviews = (await queries.variablesOf(tx, site.id)).map((row) => ({
    key: row.key,
    kind: row.kind,
    isSecret: row.is_secret,
    value: opened(tx, row),
  }))
  const given = environmentOf(await openEnvironment(tx, site.id), forPreviews, isFork)
  return given.map(({ key, kind, isSecret, value }) => ({ key, kind, isSecret, value: value.reveal() }))
}

export interface ShownVariable {
  key: string
  kind: PreviewVariablesRow['kind']
  isSecret: boolean
  /** Null for a secret: it is written and never read back. */
  value: string | null
}

export const previewVariables = async (tx: TeamTx, siteId: string): Promise<ShownVariable[]> =>
  (await queries.variablesOf(tx, siteId)).map((row) => ({
    key: row.key,
    kind: row.kind,
    isSecret: row.is_secret,
    value: row.is_secret ? null : opened(tx, row).reveal(),
  }))

const opened = (tx: TeamTx, row: PreviewVariablesRow): Secret =>
  tx.ctx.services.vault.open(row.value_sealed, placeOf(row.site_id, row.key))

const placeOf = (siteId: string, key: string) => ({
  table: 'preview_variables',
  id: `${siteId}/${key}`,
  column: 'value_sealed',
})

async function changeable(tx: TeamTx, slug: string): Promise<SitesRow> {
  const site = await findLocked(tx, slug)
  refuseUnless(siteCan.change(site))
  return site
}

/** The name and never the value. */
async function changed(tx: TeamTx, site: SitesRow, data: { set?: string; removed?: string }): Promise<void> {
  await queries.bringAll(tx, site.id, tx.ctx.now())
  const subject = { kind: 'site', id: site.id }
  await append(tx, { type: 'site.preview-variables-changed', subject, data: { name: site.name, ...data } })
}
