import type { TeamCtx } from '../platform/access/ctx.js'
import { FieldError } from '../platform/errors.js'
import { Secret } from '../platform/secret.js'
import { Names } from './dns/lookup.js'
import { proofRecord } from './dns-records.js'
import { isHeldElsewhere } from './held.js'
import { baseOf, isWildcard } from './names.js'
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
