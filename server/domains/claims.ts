import type { TeamCtx } from '../platform/access/ctx.js'
import { FieldError } from '../platform/errors.js'
import { Secret } from '../platform/secret.js'
import { isHeldElsewhere } from './held.js'
import { baseOf, isWildcard } from './names.js'
import { coversPanel } from './rules.js'

/** What holds for each name that a team writes down, whatever it is to be a name of. */

/** @throws FieldError for a name that cannot become this team's */
export async function refuseOthers(ctx: TeamCtx, name: string): Promise<void> {
  if (coversPanel(name, ctx.services.config.baseUrl.hostname))
    throw new FieldError('name', 'This is the panel’s own name')
  if (await isHeldElsewhere(ctx.services, ctx.team.id, name)) throw new FieldError('name', inUse(name))
}

const inUse = (name: string): string =>
  isWildcard(name)
    ? 'A name that this wildcard would cover is in use on this panel already. If it is yours, ask who runs the panel'
    : 'This name is in use on this panel already. If it is yours, ask who runs the panel'

/** The same again when a name is removed and comes back, so that the record at the DNS host stays good. */
export const tokenFor = (ctx: TeamCtx, name: string): string =>
  ctx.services.vault
    .digest(new Secret(baseOf(name)), `domain ${ctx.team.id}`)
    .toString('base64url')
    .slice(0, 32)
