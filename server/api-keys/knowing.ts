import { createHash } from 'node:crypto'
import type { Identity } from '../platform/access/authorizer.js'
import type { TransactionOf } from '../platform/db/doors.js'
import { UserError } from '../platform/errors.js'
import { appendInTeam } from '../platform/events/append.js'
import type { Services } from '../platform/services.js'
import { isFrom } from './networks.js'
import * as queries from './queries.js'
import { noteRefusedKey, type WhyRefused, whyOf } from './refusals.js'
import { usedEveryMs } from './rules.js'

/** What the authorizer asks of keys. */

/**
 * A key is judged alone: a bad one is refused, whoever else the browser says it is (AK-05). One that is shown from an
 * address it is not good for is refused as well, and told so: whoever has it knows that it is one.
 */
export async function identityOfKey(services: Services, key: string, address: string | null = null): Promise<Identity> {
  const now = services.clock()
  const found = await services.db.asIdentity(async (db) => {
    const usable = await queries.maybeUsableKey(db, hashOf(key), now)
    const why: WhyRefused | null | undefined = !usable ? undefined : isFrom(usable.networks, address) ? null : 'network'
    if (usable && why === null) await markUse(db, usable, address, now)
    return { usable, why, known: why === null ? undefined : await queries.maybeKnownKey(db, hashOf(key)) }
  })
  if (found.usable && found.why === null)
    return { kind: 'api-key', actor: { kind: 'api-key', id: found.usable.id, name: found.usable.name } }
  const why = found.why ?? whyOf(found.known, now)
  await noteRefusedKey(services, found.known, why, address)
  throw why === 'network' ? wrongPlace() : badKey()
}

/** That a key was used is told once a day, and of two requests at once one is the first. */
async function markUse(db: TransactionOf<'identity'>, key: queries.UsableKey, address: string | null, now: Date) {
  if (key.last_used_at !== null && now.getTime() - key.last_used_at.getTime() < usedEveryMs) return
  const isMarked = (await queries.markUsed(db, key.id, key.last_used_at, now)) > 0
  if (!isMarked || dayOf(key.last_used_at) === dayOf(now)) return
  const actor = { kind: 'api-key', id: key.id, name: key.name } as const
  await appendInTeam(db, key.team_id, actor, { type: 'api-key.used', subject: actor, address }, now)
}

/** The key's team with what it and its maker hold, or nothing for any other team. */
export const maybeKeyAccess = (services: Services, id: string, slug: string): Promise<queries.KeyAccess | undefined> =>
  services.db.asIdentity((db) => queries.maybeKeyAccess(db, id, slug, services.clock()))

const dayOf = (at: Date | null): string | undefined => at?.toISOString().slice(0, 10)

/** SHA-256 is enough for 256 random bits; a slow hash is for what people think up. */
const hashOf = (key: string): Buffer => createHash('sha256').update(key).digest()

const badKey = () =>
  new UserError(
    401,
    'This API key opens nothing',
    'It may have been revoked or be over. Make a new one on the API keys page.',
  )

const wrongPlace = () =>
  new UserError(403, 'This API key is not taken from your address', 'Its networks are on the API keys page.')
