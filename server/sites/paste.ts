import type { TeamTx } from '../platform/access/ctx.js'
import type { EnvironmentVariablesRow, SitesRow } from '../platform/db/tables.js'
import { FieldError } from '../platform/errors.js'
import { Secret } from '../platform/secret.js'
import { parseDotenv } from './dotenv.js'
import { allowChange, changed, putEnvironment } from './environment.js'
import { deleteVariables, environmentOf } from './environment-queries.js'
import { readVariables } from './pasted.js'
import { type NewVariable, placeholder, type VariableKind } from './variables.js'

/** A whole `.env` at once: first what it would change, then the change. */
export interface PasteWish {
  environment: string
  kind: VariableKind
  isSecret: boolean
  /** Variables that the text does not have are removed. */
  replace: boolean
}

export interface PastePlan {
  added: string[]
  changed: string[]
  removed: string[]
  unchanged: string[]
  /** Keys that the text has twice; the last counts. */
  duplicates: string[]
}

interface Planned extends PastePlan {
  write: NewVariable[]
}

export async function planPaste(tx: TeamTx, site: SitesRow, wish: PasteWish): Promise<Planned> {
  const pasted = readVariables(wish.environment, wish.kind, wish.isSecret)
  if (pasted.length === 0) throw new FieldError('environment', 'There is no variable in this text')
  const known = new Map((await environmentOf(tx, site.id)).map((row) => [row.key, row]))
  const write = pasted.flatMap((variable) => newValue(tx, site, variable, known.get(variable.key)))
  const written = new Set(write.map(({ key }) => key))
  const keys = new Set(pasted.map(({ key }) => key))
  return {
    added: [...written].filter((key) => !known.has(key)),
    changed: [...written].filter((key) => known.has(key)),
    removed: wish.replace ? [...known.keys()].filter((key) => !keys.has(key)) : [],
    unchanged: [...keys].filter((key) => !written.has(key)),
    duplicates: [...parseDotenv(wish.environment).duplicates],
    write,
  }
}

/** Nothing for a value that stays: the same one, or the dots that stand for a secret. A known key keeps its kind. */
function newValue(
  tx: TeamTx,
  site: SitesRow,
  variable: NewVariable,
  known: EnvironmentVariablesRow | undefined,
): NewVariable[] {
  if (!known) {
    if (variable.value === placeholder)
      throw new FieldError('environment', `${variable.key} is new, so it needs its value, not dots`)
    return [variable]
  }
  const digest = tx.ctx.services.vault.digest(new Secret(variable.value), site.id)
  if (variable.value === placeholder || digest.equals(known.value_digest)) return []
  return [{ ...variable, kind: known.kind, isSecret: known.is_secret }]
}

export async function applyPaste(tx: TeamTx, site: SitesRow, wish: PasteWish): Promise<PastePlan> {
  allowChange(site)
  const { write, ...plan } = await planPaste(tx, site, wish)
  await deleteVariables(tx, site.id, plan.removed)
  await putEnvironment(tx, site, write)
  if (write.length + plan.removed.length > 0)
    await changed(tx, site, { added: plan.added, changed: plan.changed, removed: plan.removed })
  return plan
}

/** The text travels from the preview to the button that saves it as a box that only this panel opens, for this site and person. */
const pastePlace = (tx: TeamTx, siteId: string) => ({
  table: 'environment_paste',
  id: `${siteId}/${tx.ctx.actor.id}`,
  column: 'text',
})

export const sealPaste = (tx: TeamTx, siteId: string, text: string): string =>
  tx.ctx.services.vault.seal(new Secret(text), pastePlace(tx, siteId))

export function openPaste(tx: TeamTx, siteId: string, box: string): string {
  try {
    return tx.ctx.services.vault.open(box, pastePlace(tx, siteId)).reveal()
  } catch (cause) {
    throw new FieldError('environment', `Paste the text again: ${cause instanceof Error ? 'it could not be read' : ''}`)
  }
}
