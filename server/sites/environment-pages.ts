import { pendingChanges } from '../deploys/deploys.js'
import type { TeamCtx, TeamTx } from '../platform/access/ctx.js'
import { FieldError, notFound } from '../platform/errors.js'
import { why } from '../platform/verdict.js'
import { listVariables, type ShownVariable } from './environment.js'
import type { Paste } from './environment-schema.js'
import { siteHead } from './pages.js'
import { applyPaste, openPaste, type PastePlan, planPaste, sealPaste } from './paste.js'
import { siteCan } from './rules.js'
import { findLocked, findSite } from './sites.js'
import { placeholder } from './variables.js'

export const environmentPage = (ctx: TeamCtx, slug: string, edit?: string) =>
  ctx.reading(async (tx) => {
    const head = await siteHead(tx, slug)
    const variables = await listVariables(tx, head.row.id)
    const pending = await pendingChanges(tx, head.row)
    return {
      ...head,
      variables,
      edited: edit === undefined ? null : findIn(variables, edit),
      nextDeploy: pending?.environment ?? null,
      placeholder,
      changeWhy: why(siteCan.change(head.row)),
    }
  })

function findIn(variables: readonly ShownVariable[], key: string): ShownVariable {
  const found = variables.find((variable) => variable.key === key)
  if (!found) throw notFound('variable')
  return found
}

/** Shows what a pasted text would change, and carries it on sealed. */
export const previewPage = (ctx: TeamCtx, slug: string, paste: Paste) =>
  ctx.reading(async (tx) => {
    const head = await siteHead(tx, slug)
    const { write: _, ...plan } = await planPaste(tx, head.row, wishOf(tx, head.row.id, paste))
    return {
      ...head,
      ...plan,
      sealed: sealPaste(tx, head.row.id, paste.environment ?? ''),
      wish: { newKind: paste.newKind, newIsSecret: paste.newIsSecret, replace: paste.replace },
    }
  })

export const pasteEnvironment = (ctx: TeamCtx, slug: string, paste: Paste): Promise<PastePlan> =>
  ctx.transaction(async (tx) => {
    const { id } = await findSite(tx, slug)
    const wish = wishOf(tx, id, paste)
    return applyPaste(tx, await findLocked(tx, slug), wish)
  })

function wishOf(tx: TeamTx, siteId: string, { sealed, environment, newKind, newIsSecret, replace }: Paste) {
  const wish = { kind: newKind, isSecret: newIsSecret, replace }
  if (sealed !== undefined) return { ...wish, environment: openPaste(tx, siteId, sealed) }
  if (environment === undefined) throw new FieldError('environment', 'Paste the text of a .env file here')
  return { ...wish, environment }
}
