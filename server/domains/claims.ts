import type { TeamCtx } from '../platform/access/ctx.js'
import { FieldError } from '../platform/errors.js'
import { Secret } from '../platform/secret.js'
import { Names } from './dns/lookup.js'
import { proofRecord } from './dns-records.js'
import { isHeldElsewhere } from './held.js'
import { ownOverlapping } from './held-queries.js'
import { baseOf, isWildcard, parentOf } from './names.js'
import { coversPanel } from './rules.js'
import type { DnsRecord } from './schema.js'

/** What holds for each name that a team writes down, whatever it is to be a name of. */

/** @throws FieldError for a name that cannot become this team's */
export async function refuseOthers(ctx: TeamCtx, name: string): Promise<void> {
  if (coversPanel(name, ctx.services.config.baseUrl.hostname))
    throw new FieldError('name', 'This is the panel’s own name')
  if (!(await isHeldElsewhere(ctx.services, ctx.team.id, name))) return
  const proof = proofRecord({ name, token: tokenFor(ctx, name) })
  if (!(await isThere(ctx, proof))) throw new FieldError('name', inUse(name, proof))
}

/**
 * Within a team each site's names are its own: who manages those of one site or server alone takes none beside, above or below
 * those of another, though the team has proven them. @throws FieldError, which does not say whose it is
 */
export async function refuseNeighbours(
  ctx: TeamCtx,
  name: string,
  { id, by }: { id: string; by: 'domain:manage' | 'sites-domain:manage' },
): Promise<void> {
  if (ctx.may(by, null)) return
  const others = await ctx.services.db.asSystem(
    (db) => ownOverlapping(db, ctx.team.id, name, parentOf(name)),
    'read only',
  )
  const mayChange = (kind: 'domain:manage' | 'sites-domain:manage', on: string | null) =>
    on !== null && (on === id || ctx.may(kind, on))
  const isHidden = others.some(
    ({ site_id, server_id }) =>
      !mayChange('domain:manage', site_id ?? server_id) && !mayChange('sites-domain:manage', server_id),
  )
  if (isHidden) throw new FieldError('name', `${name} is in use on this panel already: ask an admin of the team for it`)
}

/** Who has set it may write the name down, and may get it. In the request, as nobody is made to wait but who asks for another's name. */
async function isThere({ services }: TeamCtx, { name, value }: DnsRecord): Promise<boolean> {
  const answer = await new Names(services.config.resolvers).texts(name)
  return answer.kind === 'records' && answer.records.includes(value)
}

function inUse(name: string, proof: DnsRecord): string {
  const what = isWildcard(name) ? 'A name that this wildcard would cover' : 'This name'
  return `${what} is in use on this panel already. If it is yours, set the TXT record ${proof.name} to ${proof.value}, and add it then: it becomes yours once its holder no longer proves it`
}

/** The same again when a name is removed and comes back, so that the record at the DNS host stays good. */
export const tokenFor = (ctx: TeamCtx, name: string): string =>
  ctx.services.vault
    .digest(new Secret(baseOf(name)), `domain ${ctx.team.id}`)
    .toString('base64url')
    .slice(0, 32)
